import { Worker } from 'node:worker_threads';
import { type Deleted, StoreError } from '../port.ts';
import type {
  AppendRequest,
  DeletedCount,
  DeleteRequest,
  EngineFigures,
  EngineOptions,
  Failure,
  LogLevel,
  LogLine,
  Reply,
  Request,
  SelectedPart,
  SelectedRollups,
  SelectRequest,
  SelectRollupsRequest,
  StoredSeries,
} from './protocol.ts';

/** A request without its number, which the client gives. */
type Unnumbered<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never;

/** What may come before the answer to a request. */
type PartialAnswer = SelectedPart | SelectedRollups | DeletedCount;

interface Pending {
  readonly settled: PromiseWithResolvers<void>;
  readonly onPartial: (partial: PartialAnswer) => void;
}

/** What the client tells its owner besides answers. */
export interface EngineEvents {
  readonly onLog: (level: LogLevel, line: LogLine) => void;
  /** Nothing remains of these series: from now on an append that names one must bring its labels. */
  readonly onVanished: (keys: Float64Array) => void;
  /** Some of those that vanished have samples after all. */
  readonly onKept: (keys: Float64Array) => void;
}

/** What the worker found at start. */
export interface Opened {
  readonly client: EngineClient;
  readonly series: readonly StoredSeries[];
  readonly nextRef: number;
}

/**
 * The main thread's end of the worker: numbers requests, matches answers, turns the worker's death into errors.
 */
export class EngineClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #events: EngineEvents;
  #lastId = 0;
  #death: StoreError | undefined;
  readonly #died = Promise.withResolvers<StoreError>();
  #isClosing = false;
  #figures: EngineFigures = NO_FIGURES;
  #opening: PromiseWithResolvers<number> = Promise.withResolvers();
  #found: StoredSeries[] = [];

  private constructor(options: EngineOptions, events: EngineEvents) {
    this.#events = events;
    this.#worker = startWorker(options);
    this.#worker.on('message', (reply: Reply) => this.#receive(reply));
    this.#worker.on('messageerror', (error) => this.#die(error));
    this.#worker.on('error', (error) => this.#die(error));
    this.#worker.on('exit', (code) => this.#die(new Error(`got exit code ${code}; want none`)));
  }

  /** Starts the worker and waits until it has recovered the directory. @throws StoreError as `recover` does */
  static async open(options: EngineOptions, events: EngineEvents): Promise<Opened> {
    const client = new EngineClient(options, events);
    try {
      const nextRef = await client.#opening.promise;
      return { client, series: client.#found.splice(0), nextRef };
    } catch (error) {
      await client.#worker.terminate();
      throw error;
    }
  }

  /** Resolves with the reason when the worker ends before `close`. Otherwise stays pending. */
  get died(): Promise<StoreError> {
    return this.#died.promise;
  }

  get figures(): EngineFigures {
    return this.#figures;
  }

  async append(request: Unnumbered<AppendRequest>): Promise<void> {
    const { refs, tMs, values } = request;
    const rows = refs.length;
    const transfer = [refs.buffer, tMs.buffer, values.buffer];
    await this.#ask({ ...request, id: ++this.#lastId }, { transfer });
    // The worker gives figures now and then; until the next ones, this counts on.
    const { headSamples } = this.#figures;
    this.#figures = { ...this.#figures, headSamples: headSamples + rows };
  }

  /** `onPart` is called for each part as it comes, before the promise settles. */
  select(request: Unnumbered<SelectRequest>, onPart: (part: SelectedPart) => void): Promise<void> {
    return this.#ask(
      { ...request, id: ++this.#lastId },
      {
        transfer: [request.keys.buffer],
        onPartial: (partial) => {
          if (partial.type === 'part') onPart(partial);
        },
      },
    );
  }

  /** As `select`, in buckets. */
  selectRollups(
    request: Unnumbered<SelectRollupsRequest>,
    onPart: (part: SelectedRollups) => void,
  ): Promise<void> {
    return this.#ask(
      { ...request, id: ++this.#lastId },
      {
        transfer: [request.keys.buffer],
        onPartial: (partial) => {
          if (partial.type === 'rollups') onPart(partial);
        },
      },
    );
  }

  async delete(request: Unnumbered<DeleteRequest>): Promise<Deleted> {
    let deleted: Deleted = { series: 0, samples: 0 };
    await this.#ask(
      { ...request, id: ++this.#lastId },
      {
        transfer: [request.keys.buffer],
        onPartial: (partial) => {
          if (partial.type === 'deleted') {
            deleted = { series: partial.series, samples: partial.samples };
          }
        },
      },
    );
    return deleted;
  }

  /** Seals, then does a round of upkeep. */
  upkeep(): Promise<void> {
    return this.#ask({ type: 'upkeep', id: ++this.#lastId });
  }

  seal(): Promise<void> {
    return this.#ask({ type: 'seal', id: ++this.#lastId });
  }

  tick(nowMs: number, monotonicMs: number): void {
    if (this.#death === undefined) this.#send({ type: 'tick', nowMs, monotonicMs });
  }

  /** Waits for what was asked before, then lets the worker release the directory and ends it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.allSettled(Array.from(this.#pending.values(), ({ settled }) => settled.promise));
    if (this.#death !== undefined) return;
    try {
      await this.#ask({ type: 'close', id: ++this.#lastId });
    } finally {
      await this.#worker.terminate();
    }
  }

  #ask(
    request: Request & { readonly id: number },
    { transfer = [], onPartial = () => {} }: AskOptions = {},
  ): Promise<void> {
    if (this.#death !== undefined) return Promise.reject(this.#death);
    const settled = Promise.withResolvers<void>();
    this.#pending.set(request.id, { settled, onPartial });
    this.#send(request, transfer);
    return settled.promise;
  }

  #receive(reply: Reply): void {
    if ('id' in reply) {
      this.#receiveAnswer(reply);
      return;
    }
    switch (reply.type) {
      case 'series':
      case 'opened':
      case 'open_failed':
        this.#receiveOpening(reply);
        break;
      case 'vanished':
      case 'kept':
        this.#receiveSeries(reply);
        break;
      case 'figures':
        this.#figures = reply.figures;
        break;
      case 'log':
        this.#events.onLog(reply.level, reply);
        break;
    }
  }

  #receiveSeries({ type, keys }: SeriesReply): void {
    if (type === 'kept') {
      this.#events.onKept(keys);
      return;
    }
    this.#events.onVanished(keys);
    this.#send({ type: 'forget', keys });
  }

  #receiveOpening(reply: OpeningReply): void {
    if (reply.type === 'series') for (const series of reply.series) this.#found.push(series);
    else if (reply.type === 'opened') this.#opening.resolve(reply.nextRef);
    else this.#opening.reject(toStoreError(reply.failure));
  }

  #receiveAnswer(reply: Answer): void {
    const pending = this.#pending.get(reply.id);
    if (reply.type !== 'done' && reply.type !== 'failed') {
      pending?.onPartial(reply);
      // The last part of a selection stands for `done`.
      if (reply.type !== 'part' || !reply.isLast) return;
    }
    this.#pending.delete(reply.id);
    if (reply.type === 'failed') pending?.settled.reject(toStoreError(reply.failure));
    else pending?.settled.resolve();
  }

  #send(request: Request, transfer: ArrayBuffer[] = []): void {
    // The rule takes a worker for a window, which would need an origin here.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    this.#worker.postMessage(request, transfer);
  }

  /** The first word counts: an error is followed by an exit. */
  #die(cause: Error): void {
    if (this.#death !== undefined) return;
    const death = new StoreError(
      'io',
      `the store's worker ended: ${cause.message}; restart Hubpulse, what was acknowledged is on disk`,
      { cause },
    );
    this.#death = death;
    if (!this.#isClosing) this.#died.resolve(death);
    this.#opening.reject(death);
    for (const { settled } of this.#pending.values()) settled.reject(death);
    this.#pending.clear();
  }
}

type Answer = PartialAnswer | Extract<Reply, { readonly type: 'done' | 'failed' }>;

type SeriesReply = Extract<Reply, { readonly type: 'vanished' | 'kept' }>;

type OpeningReply = Extract<Reply, { readonly type: 'series' | 'opened' | 'open_failed' }>;

interface AskOptions {
  readonly transfer?: ArrayBuffer[];
  /** Called with each partial answer as it comes, before the promise settles. */
  readonly onPartial?: (partial: PartialAnswer) => void;
}

/** Until the worker has told. */
const NO_FIGURES: EngineFigures = {
  headSamples: 0,
  diskBytes: 0,
  tierBytes: { head: 0, raw: 0, '1m': 0, '1h': 0 },
  rolledDays: 0,
  unrolledDays: 0,
  deletedSamples: 0,
};

/** The worker runs from source (tests) or from the build, whichever this file is. */
function startWorker(options: EngineOptions): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  return new Worker(new URL(`./engine-worker.${isSource ? 'ts' : 'js'}`, import.meta.url), {
    workerData: options,
    execArgv: [
      // Node 22 calls its SQLite experimental, on every start. Nothing else of the parent's flags concerns the worker.
      '--disable-warning=ExperimentalWarning',
      // What runs from source finds the packages' source, which needs no build.
      ...(isSource ? ['--conditions=@hubpulse/source'] : []),
    ],
    name: 'hubpulse-store',
  });
}

function toStoreError({ code, message }: Failure): StoreError {
  return new StoreError(code, message);
}
