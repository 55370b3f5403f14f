import type { Head } from './head.ts';
import type { HeadFile } from './head-file.ts';
import type { Reply } from './protocol.ts';
import { refOfKey } from './series-key.ts';
import type { Steps } from './steps.ts';

/** Up to `limit` keys of a file above `after`, ascending. */
export type KeyPages = (after: number, limit: number) => number[];

/** Keys read between two looks at the queue of appends: a few milliseconds. */
const PAGE_KEYS = 8192;

export interface VanishingParts {
  readonly headFile: HeadFile;
  readonly head: Head;
  /** Whether no damage was met: what is damaged may come back from a backup, and must find its series then. */
  readonly isWhole: () => boolean;
  /** The key of each series that a durable batch has named, by ref. */
  readonly keys: Map<number, number>;
  readonly post: (reply: Reply, transfer?: ArrayBuffer[]) => void;
}

/**
 * Forgets series of which nothing remains.
 *
 * The main thread may have sent batches that name such a series while we looked. So it is told first; when it answers, all
 * that it had sent before has arrived, and what it sends later brings the labels along. What got samples meanwhile is kept.
 */
export class Vanishing {
  readonly #parts: VanishingParts;
  /** Refs that batches have named since the search began; undefined when none is under way. */
  #named: Set<number> | undefined;
  #answered: PromiseWithResolvers<void> | undefined;

  constructor(parts: VanishingParts) {
    this.#parts = parts;
  }

  /** To be told of every batch that was written. */
  appended(refs: Uint32Array): void {
    if (this.#named === undefined) return;
    for (const ref of refs) this.#named.add(ref);
  }

  /**
   * Looks for what is left of series, and forgets those of which nothing is.
   *
   * @param files The keys of each file that may hold some; those that most likely do come first.
   */
  *steps(candidates: Iterable<number>, files: Iterable<KeyPages>): Steps {
    const dead = new Set(candidates);
    this.#named = new Set();
    try {
      for (const key of dead) if (this.#parts.head.has(refOfKey(key))) dead.delete(key);
      for (const pages of files) {
        yield* strike(pages, dead);
        if (dead.size === 0) return;
      }
      if (!this.#parts.isWhole()) return;
      const keys = Float64Array.from(dead);
      this.#answered = Promise.withResolvers();
      this.#parts.post({ type: 'vanished', keys });
      yield this.#answered.promise;
    } finally {
      this.#named = undefined;
    }
  }

  /**
   * The answer of the main thread.
   *
   * @param queued Refs of batches that have arrived and are not written.
   * @throws StoreError `disk_full`, `io`; all are kept then.
   */
  forget(keys: Float64Array<ArrayBuffer>, queued: ReadonlySet<number>): void {
    const { head, headFile, keys: known, post } = this.#parts;
    this.#answered?.resolve();
    const isNamed = (key: number): boolean => {
      const ref = refOfKey(key);
      return head.has(ref) || queued.has(ref) || this.#named?.has(ref) === true;
    };
    const dead = keys.filter((key) => !isNamed(key));
    let kept = keys.filter(isNamed);
    try {
      let nextRef = 1;
      for (const key of dead) nextRef = Math.max(nextRef, refOfKey(key) + 1);
      headFile.forgetSeries([...dead], nextRef);
      for (const key of dead) known.delete(refOfKey(key));
    } catch (error) {
      kept = keys;
      throw error;
    } finally {
      post({ type: 'kept', keys: kept });
    }
  }
}

/** Takes the series of a file out of the set, a page for each step. */
function* strike(pages: KeyPages, dead: Set<number>): Generator<void> {
  for (let after = 0; ;) {
    const page = pages(after, PAGE_KEYS);
    for (const key of page) dead.delete(key);
    if (page.length < PAGE_KEYS || dead.size === 0) return;
    after = page.at(-1) as number;
    yield;
  }
}
