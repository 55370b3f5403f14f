import { StoreError } from '../port.ts';
import { dayEndMs } from './data-directory.ts';
import type { EngineParts } from './engine-parts.ts';
import type {
  AppendRequest,
  DeleteRequest,
  EngineOptions,
  Failure,
  LogLevel,
  Reply,
  Request,
  SelectRollupsRequest,
} from './protocol.ts';
import { isRolled } from './roll-plan.ts';
import type { Tier } from './rollup-tier.ts';
import { selectRollups } from './rollup-selection.ts';
import { seal } from './sealing.ts';
import { select } from './selection.ts';
import { refOfKey } from './series-key.ts';
import type { Steps } from './steps.ts';
import { SteadyClock } from './steady-clock.ts';
import { remove, upkeep, type UpkeepParts } from './upkeep.ts';
import { Vanishing } from './vanishing.ts';

/** Rows that share one commit at most: about 3 MB, a few milliseconds of work. */
const MAX_COMMIT_ROWS = 262_144;

/** Work that goes on in steps between appends. `end` is told how it ended. */
interface Job {
  /** A step that gives a promise is the last until it is kept. */
  readonly steps: Steps;
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
  /** Jobs whose last step gave a promise. */
  readonly #waiting = new Set<Job>();
  /** Jobs of upkeep, which run one after the other; the first is among `#jobs`. */
  readonly #upkeep: Job[] = [];
  readonly #vanishing: Vanishing;
  readonly #clock: SteadyClock;
  /** Series of which recovery found nothing outside of roll-ups. */
  #suspects: readonly number[];
  #isRoundDue = false;
  #deletedSamples = 0;
  #lastUpkeepFailure = '';
  #appends: AppendRequest[] = [];
  #closeId: number | undefined;
  #isClosed = false;
  #turnScheduled = false;
  #sealing = false;
  /** Those who wait for a seal that has not begun. */
  #sealWaiters: ((failure?: Failure) => void)[] = [];
  #sealFailure: Failure | undefined;
  #nextSealMs: number;
  #nowMs: number;
  /** The time up to which all that came in is sealed. */
  #settledMs: number;

  constructor(
    parts: EngineParts,
    options: EngineOptions,
    post: (reply: Reply, transfer?: ArrayBuffer[]) => void,
  ) {
    this.#parts = parts;
    this.#options = options;
    this.#post = post;
    this.#nextSealMs = this.#sealTimeAfter(options.nowMs);
    this.#nowMs = options.nowMs;
    this.#settledMs = parts.head.samples === 0 ? options.nowMs : -Infinity;
    const { days, tiers } = parts;
    const isWhole = (): boolean => days.whole && tiers.every(({ whole }) => whole);
    this.#vanishing = new Vanishing({ ...parts, post, isWhole });
    this.#suspects = parts.suspects;
    this.#clock = new SteadyClock(options, newestMs(parts));
    this.#startRound();
    this.#postFigures();
    this.#schedule();
  }

  handle(request: Request): void {
    // What was under way when the close was asked for, such as a tick, comes too late.
    if (this.#isClosed) return;
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
      case 'selectRollups':
        this.#startSelectRollups(request);
        break;
      case 'upkeep':
        this.#startUpkeep(request.id);
        break;
      case 'delete':
        this.#startDelete(request);
        break;
      case 'forget':
        this.#forget(request.keys);
        break;
      case 'tick':
        this.#clock.tick(request);
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
    if (this.#isClosed) return;
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
      this.#vanishing.appended(request.refs);
    }
    return undefined;
  }

  #startSelect(request: Request & { type: 'select' }): void {
    const steps = select(this.#parts, request, (part) => this.#post(part, [part.tMs.buffer]));
    const end = (failure?: Failure): void => {
      // The last part has said that it is done.
      if (failure !== undefined) this.#reply(request.id, failure);
    };
    this.#jobs.push({ steps, end });
  }

  #startSelectRollups(request: SelectRollupsRequest): void {
    const tier = this.#parts.tiers.find(
      ({ resolutionMs }) => resolutionMs === request.resolutionMs,
    );
    if (tier === undefined) {
      const message = `got the resolution ${request.resolutionMs} ms; want one that is kept`;
      this.#reply(request.id, { code: 'invalid', message });
      return;
    }
    const steps = selectRollups({ ...this.#parts, tier }, request, (part) => {
      const buffers = [part.indexes, part.counts, ...part.columns].map(({ buffer }) => buffer);
      this.#post(part, buffers);
    });
    this.#jobs.push({ steps, end: (failure) => this.#reply(request.id, failure) });
  }

  #startUpkeep(id: number): void {
    this.#startSeal((failure) => {
      if (failure === undefined) this.#enqueueRound((failed) => this.#reply(id, failed));
      else this.#reply(id, failure);
    });
  }

  /** Seals everything that is in the head now, at once or after the seal that runs. */
  #startSeal(waiter?: (failure?: Failure) => void): void {
    if (waiter !== undefined) this.#sealWaiters.push(waiter);
    if (this.#sealing) return;
    this.#sealing = true;
    const begunMs = this.#nowMs;
    const waiters = this.#sealWaiters;
    this.#sealWaiters = [];
    this.#jobs.push({
      steps: this.#sealSteps(),
      end: (failure) => {
        if (failure === undefined) this.#settledMs = begunMs;
        this.#sealEnded(failure, waiters);
      },
    });
  }

  #sealSteps(): Steps {
    return seal({
      ...this.#parts,
      keyOf: (ref) => this.#parts.keys.get(ref) as number,
      keepFromMs: this.#clock.believedMs - Math.max(...Object.values(this.#options.retention)),
      monotonicMs: () => performance.now(),
    });
  }

  #sealEnded(failure: Failure | undefined, waiters: ((failure?: Failure) => void)[]): void {
    this.#sealing = false;
    this.#sealFailure = failure;
    if (failure !== undefined) {
      this.#say('error', 'Sealing failed; samples stay in memory until it works.', failure);
    }
    this.#startRound();
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
    this.#startRound();
    this.#postFigures();
  }

  #sealTimeAfter(tMs: number): number {
    const { sealIntervalMs } = this.#options;
    return (Math.floor(tMs / sealIntervalMs) + 1) * sealIntervalMs;
  }

  /** One round of upkeep, unless one waits already. */
  #startRound(): void {
    if (this.#isRoundDue) return;
    this.#isRoundDue = true;
    this.#enqueueRound();
  }

  #enqueueRound(waiter: (failure?: Failure) => void = () => {}): void {
    const steps = function* (this: Engine): Steps {
      this.#isRoundDue = false;
      const suspects = this.#suspects;
      this.#suspects = [];
      yield* upkeep(this.#upkeepParts(), suspects);
    }.call(this);
    this.#enqueue({
      steps,
      end: (failure) => {
        this.#roundEnded(failure);
        waiter(failure);
      },
    });
  }

  #roundEnded(failure: Failure | undefined): void {
    // A round each minute would say the same each minute.
    if (failure !== undefined && failure.message !== this.#lastUpkeepFailure) {
      this.#say('error', 'Upkeep of the store failed; it is tried again each minute.', failure);
    }
    this.#lastUpkeepFailure = failure?.message ?? '';
    this.#postFigures();
  }

  #startDelete(request: DeleteRequest): void {
    const steps = function* (this: Engine): Steps {
      const count = yield* remove(this.#upkeepParts(), request);
      this.#deletedSamples += count.samples;
      this.#postFigures();
      this.#post(count);
    }.call(this);
    this.#enqueue({ steps, end: (failure) => this.#reply(request.id, failure) });
  }

  #upkeepParts(): UpkeepParts {
    return {
      ...this.#parts,
      vanishing: this.#vanishing,
      retention: this.#options.retention,
      isSealing: () => this.#sealing,
      seal: (ended) => this.#startSeal(ended),
      settledMs: () => this.#settledMs,
      believedMs: () => this.#clock.believedMs,
      fail: (message, error) => this.#say('error', message, toFailure(error)),
    };
  }

  #enqueue(job: Job): void {
    this.#upkeep.push({
      steps: job.steps,
      end: (failure) => {
        this.#upkeep.shift();
        job.end(failure);
        const [next] = this.#upkeep;
        if (next !== undefined) this.#jobs.push(next);
      },
    });
    if (this.#upkeep.length === 1) this.#jobs.push(this.#upkeep[0] as Job);
  }

  #forget(keys: Float64Array<ArrayBuffer>): void {
    const queued = new Set(this.#appends.flatMap(({ refs }) => [...refs]));
    try {
      this.#vanishing.forget(keys, queued);
    } catch (error) {
      this.#say('error', 'Forgetting series failed.', toFailure(error));
    }
  }

  #step(): void {
    const job = this.#jobs.shift();
    if (job === undefined) return;
    try {
      const { done, value } = job.steps.next();
      if (done === true) job.end();
      else if (value === undefined) this.#jobs.push(job);
      else this.#wait(job, value);
    } catch (error) {
      job.end(toFailure(error));
    }
  }

  #wait(job: Job, ready: Promise<void>): void {
    this.#waiting.add(job);
    const goOn = (end: () => void): void => {
      // The engine may have closed meanwhile.
      if (!this.#waiting.delete(job)) return;
      end();
      this.#schedule();
    };
    ready.then(
      () => goOn(() => this.#jobs.push(job)),
      (error: unknown) =>
        goOn(() => {
          job.steps.return?.();
          job.end(toFailure(error));
        }),
    );
  }

  /** A seal that runs is dropped: its chunks have no marker, so the next start takes the batches instead. */
  #close(id: number): void {
    const { days, tiers, headFile, directory } = this.#parts;
    this.#isClosed = true;
    const failures: Failure[] = [];
    for (const { steps } of [...this.#jobs, ...this.#waiting]) steps.return?.();
    this.#waiting.clear();
    for (const part of [days, ...tiers, headFile]) {
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
    const { head, directory, days, tiers } = this.#parts;
    const isOld = (day: number, { name }: Tier): boolean =>
      dayEndMs(day) < this.#clock.believedMs - this.#options.retention[name];
    const isNew = (day: number): boolean =>
      tiers.every((tier) => isOld(day, tier) || isRolled(days, tier, day));
    const figures = {
      headSamples: head.samples,
      ...directory.sizes(),
      rolledDays: new Set(tiers.flatMap((tier) => tier.days())).size,
      unrolledDays: days.days().filter((day) => !isNew(day)).length,
      deletedSamples: this.#deletedSamples,
    };
    this.#post({ type: 'figures', figures });
  }
}

/** The time of the newest sample; -Infinity without any. */
function newestMs({ days, tiers, head }: EngineParts): number {
  const sealed = days.days().flatMap((day) => days.seals(day).map(({ lastMs }) => lastMs));
  const rolled = tiers.flatMap((tier) => tier.days().map((day) => dayEndMs(day)));
  return [...sealed, ...rolled].reduce((newest, tMs) => Math.max(newest, tMs), head.newestMs());
}

/** What the main thread is told of an error; anything that is no StoreError is a failure of the engine. */
export function toFailure(error: unknown): Failure {
  if (error instanceof StoreError) return { code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'io', message: `the store's engine failed: ${message}` };
}
