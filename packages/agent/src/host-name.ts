import { hostname } from 'node:os';

/** This machine's name as its system knows it; in a container usually the container's id or the pod's name. */
export function hostName(): string {
  return hostname();
}
