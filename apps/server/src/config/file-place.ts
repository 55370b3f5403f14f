import type { LineCounter } from 'yaml';

/** A file, and where its lines begin. */
export interface FilePlace {
  readonly path: string;
  readonly lines: LineCounter;
}

/** `/etc/hubpulse.yaml:3:5` */
export function place(path: string, { line, col }: { line: number; col: number }): string {
  return `${path}:${line}:${col}`;
}
