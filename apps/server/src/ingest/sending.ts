import type { Lease } from './gate.ts';

/** Who sends a request, and the memory that it holds. */
export interface Sending {
  /** The sender's address. */
  readonly sender: string;
  readonly lease: Pick<Lease, 'resize'>;
}
