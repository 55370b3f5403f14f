import type { SampleRun } from './sample-run.ts';

/** What was decided to be gone: samples of some series in a closed range of time that were sealed up to a seal. */
export interface PendingDeletion {
  readonly id: number;
  /** Chunks of later seals stay: their samples came after the decision. */
  readonly seal: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly keys: ReadonlySet<number>;
}

/** A closed range of time, Unix milliseconds. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The deletions that are decided, but not carried out in all files: readers leave out what they cover. */
export class Deletions {
  #pending: PendingDeletion[];

  constructor(pending: Iterable<PendingDeletion> = []) {
    this.#pending = [...pending];
  }

  get pending(): readonly PendingDeletion[] {
    return this.#pending;
  }

  add(deletion: PendingDeletion): void {
    this.#pending.push(deletion);
  }

  remove(id: number): void {
    this.#pending = this.#pending.filter((deletion) => deletion.id !== id);
  }

  /** The deletions that cover some of the series within the range. */
  of(key: number, { fromMs, toMs }: TimeRange): PendingDeletion[] {
    if (this.#pending.length === 0) return this.#pending;
    return this.#pending.filter(
      (deletion) => deletion.fromMs <= toMs && deletion.toMs >= fromMs && deletion.keys.has(key),
    );
  }

  /** Takes out of `run` what is deleted of the chunk that stands from row `start` to its end. */
  cut(chunk: { readonly key: number; readonly seal: number }, run: SampleRun, start: number): void {
    for (const { keys, seal, fromMs, toMs } of this.#pending) {
      if (seal >= chunk.seal && keys.has(chunk.key)) run.cut(start, { fromMs, toMs });
    }
  }
}
