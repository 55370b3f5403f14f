import { StoreError } from '../port.ts';
import type { DataDirectory } from './data-directory.ts';
import type { DayCatalog } from './day-catalog.ts';
import type { Head } from './head.ts';
import type { HeadFile } from './head-file.ts';
import type {
  AppendRequest,
  EngineOptions,
  Failure,
  LogLevel,
  Reply,
  Request,
} from './protocol.ts';
import { seal } from './sealing.ts';
import { select } from './selection.ts';
import { refOfKey } from './series-key.ts';

/** Rows that share one commit at most: about 3 MB, a few milliseconds of work. */
const MAX_COMMIT_ROWS = 262_144;

/** Everything that recovery finds; the engine owns it from then on. */
export interface EngineParts {
  readonly directory: DataDirectory;
  readonly headFile: HeadFile;
  readonly head: Head;
  readonly days: DayCatalog;
  /** The key of each series that a durable batch has named, by ref. */
  readonly keys: Map<number, number>;
}

/** Work that goes on in steps between appends. `end` is told how it ended. */
interface Job {
  readonly steps: Iterator<void>;
  readonly end: (failure?: Failure) => void;
}

/**
 * The worker's side of the store. One step of long work alternates with one commit of whatever appends have queued up
 * meanwhile, so neither waits long for the other.
 */
export class Engine {
  readonly #parts: EngineParts;
  readonly #options: EngineOptions;
  readonly #post: (reply: Reply, transfer?: ArrayBuffer[]) => void;
  readonly #jobs: Job[] = [];
  #appends: AppendRequest[] = [];
  #closeId: number | undefined;
  #turnScheduled = false;
  #sealing = false;
  /** Those who wait for a seal that has not begun. */
  #sealWaiters: ((failure?: Failure) => void)[] = [];
  #sealFailure: Failure | undefined;
  #nextSealMs: number;
  #nowMs: number;

  constructor(
    parts: EngineParts,
    options: EngineOptions,
    post: (reply: Reply, transfer?: ArrayBuffer[]) => void,
  ) {
    this.#parts = parts;
    this.#options = options;
    this.#post = post;
    this.#nowMs = options.nowMs;
    this.#nextSealMs = this.#sealTimeAfter(options.nowMs);
    this.#expire();
    this.#postFigures();
  }

  handle(request: Request): void {
    switch (request.type) {
      case 'append':
        this.#appends.push(request);
        break;
      case 'select':
        this.#startSelect(request);
        break;
      case 'seal':
        this.#startSeal((failure) => this.#reply(request.id, failure));
        break;
      case 'tick':
        this.#tick(request.nowMs);
        break;
      case 'close':
        this.#closeId = request.id;
        break;
    }
    this.#schedule();
  }

  #schedule(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    // Messages that have come in meanwhile are handled before, so their batches share the next commit.
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnScheduled = false;
    this.#commit();
    this.#step();
    if (this.#appends.length > 0 || (this.#jobs.length > 0 && this.#closeId === undefined)) {
      this.#schedule();
    } else if (this.#closeId !== undefined) {
      this.#close(this.#closeId);
    }
  }

  #commit(): void {
    const group = this.#nextGroup();
    if (group.length === 0) return;
    const failure = this.#tryAppend(group);
    if (failure === undefined) {
      for (const { id } of group) this.#reply(id);
    } else if (group.length === 1) {
      for (const { id } of group) this.#reply(id, failure);
    } else {
      // One batch may be what the disk has no room for; it must not take the others with it.
      for (const request of group) this.#reply(request.id, this.#tryAppend([request]));
    }
    if (this.#isHeadLarge()) this.#startSeal();
  }

  #nextGroup(): AppendRequest[] {
    if (this.#isHeadFull()) {
      if (this.#sealFailure === undefined) return [];
      for (const { id } of this.#appends) this.#reply(id, this.#sealFailure);
      this.#appends = [];
      return [];
    }
    let rows = 0;
    let count = 0;
    for (const { refs } of this.#appends) {
      rows += refs.length;
      if (count > 0 && rows > MAX_COMMIT_ROWS) break;
      count++;
    }
    return this.#appends.splice(0, count);
  }

  #isHeadLarge(): boolean {
    return this.#parts.head.openSamples >= this.#options.maxHeadSamples;
  }

  /** Past twice its limit the head takes nothing until a seal has made room: memory is bounded. */
  #isHeadFull(): boolean {
    return this.#parts.head.openSamples >= 2 * this.#options.maxHeadSamples;
  }

  #tryAppend(group: readonly AppendRequest[]): Failure | undefined {
    const { headFile, head, keys } = this.#parts;
    try {
      headFile.append(group.map((request) => ({ batch: request, newSeries: request.newSeries })));
    } catch (error) {
      return toFailure(error);
    }
    for (const request of group) {
      for (const { key } of request.newSeries) keys.set(refOfKey(key), key);
      head.append(request);
    }
    return undefined;
  }

  #startSelect(request: Request & { type: 'select' }): void {
    const steps = select(this.#parts, request, (part) => {
      const { indexes, counts, tMs, values } = part;
      this.#post(part, [indexes.buffer, counts.buffer, tMs.buffer, values.buffer]);
    });
    this.#jobs.push({ steps, end: (failure) => this.#reply(request.id, failure) });
  }

  /** Seals everything that is in the head now, at once or after the seal that runs. */
  #startSeal(waiter?: (failure?: Failure) => void): void {
    if (waiter !== undefined) this.#sealWaiters.push(waiter);
    if (this.#sealing) return;
    this.#sealing = true;
    const waiters = this.#sealWaiters;
    this.#sealWaiters = [];
    this.#jobs.push({
      steps: this.#sealSteps(),
      end: (failure) => this.#sealEnded(failure, waiters),
    });
  }

  #sealSteps(): Iterator<void> {
    const { retentionMs = Infinity } = this.#options;
    return seal({
      ...this.#parts,
      keyOf: (ref) => this.#parts.keys.get(ref) as number,
      keepFromMs: this.#nowMs - retentionMs,
    });
  }

  #sealEnded(failure: Failure | undefined, waiters: ((failure?: Failure) => void)[]): void {
    this.#sealing = false;
    this.#sealFailure = failure;
    if (failure !== undefined) {
      this.#say('error', 'Sealing failed; samples stay in memory until it works.', failure);
    }
    this.#expire();
    this.#postFigures();
    for (const waiter of waiters) waiter(failure);
    // A seal that failed is tried again at the next tick, or when somebody asks for one.
    const isDue = failure === undefined && this.#isHeadLarge();
    if (isDue || this.#sealWaiters.length > 0) this.#startSeal();
  }

  #tick(nowMs: number): void {
    this.#nowMs = nowMs;
    // A clock that was set back must not put the next seal off for longer than an interval.
    this.#nextSealMs = Math.min(
      this.#nextSealMs,
      this.#sealTimeAfter(nowMs + this.#options.sealIntervalMs),
    );
    const due = nowMs >= this.#nextSealMs;
    if (due || this.#sealFailure !== undefined) this.#startSeal();
    if (due) this.#nextSealMs = this.#sealTimeAfter(nowMs);
    this.#expire();
    this.#postFigures();
  }

  #sealTimeAfter(tMs: number): number {
    const { sealIntervalMs } = this.#options;
    return (Math.floor(tMs / sealIntervalMs) + 1) * sealIntervalMs;
  }

  #expire(): void {
    const { retentionMs } = this.#options;
    if (retentionMs === undefined || this.#sealing) return;
    try {
      this.#parts.days.expire(this.#nowMs - retentionMs, this.#nowMs);
    } catch (error) {
      this.#say('error', 'Deleting old files failed.', toFailure(error));
    }
  }

  #step(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    try {
      if (job.steps.next().done === true) job.end();
      else this.#jobs.push(job);
    } catch (error) {
      job.end(toFailure(error));
    }
  }

  /** A seal that runs is dropped: its chunks have no marker, so the next start takes the batches instead. */
  #close(id: number): void {
    const { days, headFile, directory } = this.#parts;
    const failures: Failure[] = [];
    for (const part of [days, headFile]) {
      try {
        part.close();
      } catch (error) {
        failures.push(toFailure(error));
      }
    }
    directory.release();
    this.#reply(id, failures[0]);
  }

  #reply(id: number, failure?: Failure): void {
    this.#post(failure === undefined ? { type: 'done', id } : { type: 'failed', id, failure });
  }

  #say(level: LogLevel, message: string, { code, message: error }: Failure): void {
    this.#post({ type: 'log', level, message, fields: { code, error } });
  }

  #postFigures(): void {
    const { head, directory } = this.#parts;
    const figures = { headSamples: head.samples, diskBytes: directory.sizeBytes() };
    this.#post({ type: 'figures', figures });
  }
}

/** What the main thread is told of an error; anything that is no StoreError is a failure of the engine. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'io', message: `the store's engine failed: ${message}` };
}
