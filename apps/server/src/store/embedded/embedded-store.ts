import {
  type Labels,
  type Matcher,
  MAX_TIME_MS,
  type RollupColumns,
  type SampleBatch,
  type SeriesColumns,
  type SeriesRef,
} from '@hubpulse/model';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import {
  type Deleted,
  type Deletion,
  MAX_SELECTED_SAMPLES,
  type MetricStore,
  type RollupSelection,
  type Selection,
  StoreError,
  type StoreStats,
} from '../port.ts';
import { BUCKET_COLUMNS, type Buckets } from './bucket-run.ts';
import { EngineClient } from './engine-client.ts';
import type { LogLevel, Retention, SelectedPart, SelectedRollups } from './protocol.ts';
import { type InternedSeries, SeriesTable } from './series-table.ts';

/** How often the worker is told the time: the size on disk is promised to be at most a minute old. */
const TICK_MS = 60_000;

/** Two hours: 480 samples at 15 s, one chunk. */
const SEAL_INTERVAL_MS = 7_200_000;

/** 4 million samples are 64 MB in columns, about 100 MB as they grow. */
const MAX_HEAD_SAMPLES = 4_000_000;

/** What an embedded store is opened with. */
export interface EmbeddedStoreOptions {
  /** The directory that the store owns alone; made when missing. */
  readonly directory: string;
  readonly clock: Clock;
  /** Told of damage, of files that were deleted, of sealing that fails. Default: nobody. */
  readonly log?: Pick<Log, LogLevel>;
  /** Ages in milliseconds past which whole files of a tier are deleted. Default: nothing is ever deleted. */
  readonly retentionMs?: Partial<Retention>;
  /** How often the head moves into compressed chunks, in milliseconds. Default 2 h. */
  readonly sealIntervalMs?: number;
  /** Samples in memory at which the head moves into chunks before its time. Default 4 million. */
  readonly maxHeadSamples?: number;
}

/**
 * Opens the embedded store, making its directory when needed. Costs the replay of the batches since the last seal.
 *
 * @throws StoreError `locked`, `newer_version`, `unwritable`, `disk_full`, `damaged`, `io`
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { directory, clock, log } = options;
  let table: SeriesTable | undefined;
  const { client, series, nextRef } = await EngineClient.open(
    {
      directory,
      nowMs: clock.nowMs(),
      monotonicMs: clock.monotonicMs(),
      retention: { ...KEEP_ALL, ...options.retentionMs },
      sealIntervalMs: options.sealIntervalMs ?? SEAL_INTERVAL_MS,
      maxHeadSamples: options.maxHeadSamples ?? MAX_HEAD_SAMPLES,
    },
    {
      onLog: (level, { fields, message }) => log?.[level](fields, message),
      onVanished: (keys) => table?.forget(keys),
      onKept: (keys) => table?.restore(keys),
    },
  );
  table = new SeriesTable(series, nextRef);
  return new EmbeddedStore({ client, clock, table });
}

const KEEP_ALL: Retention = { raw: Infinity, '1m': Infinity, '1h': Infinity };

interface StoreParts {
  readonly client: EngineClient;
  readonly clock: Clock;
  readonly table: SeriesTable;
}

/** The main thread's side of the embedded store: knows the series, leaves samples and files to the worker. */
export class EmbeddedStore implements MetricStore {
  readonly #client: EngineClient;
  readonly #clock: Clock;
  readonly #table: SeriesTable;
  #cancelTick: () => void = () => {};
  #closing: Promise<void> | undefined;
  #appendedSamples = 0;
  #appendedBatches = 0;
  #failedAppends = 0;
  #selectedSamples = 0;

  constructor({ client, clock, table }: StoreParts) {
    this.#client = client;
    this.#clock = clock;
    this.#table = table;
    this.#scheduleTick();
  }

  /**
   * Resolves with the reason when the store has ended by itself: nothing can be read or written from then on, and only a new
   * process helps. Otherwise stays pending.
   */
  get failed(): Promise<StoreError> {
    return this.#client.died;
  }

  intern(labels: Labels): SeriesRef {
    return this.#table.intern(labels);
  }

  find(labels: Labels): SeriesRef | undefined {
    return this.#table.refOf(labels);
  }

  async append(batch: SampleBatch): Promise<void> {
    try {
      await this.#append(batch);
      this.#appendedBatches++;
      this.#appendedSamples += batch.refs.length;
    } catch (error) {
      this.#failedAppends++;
      throw error;
    }
  }

  /** The arrays of one result may share memory: they are the caller's to change, but not to transfer one by one. */
  async select(selection: Selection): Promise<SeriesColumns[]> {
    this.#assertOpen();
    const { fromMs, toMs, maxSamples } = checkedSelection(selection);
    const found = this.#table.find(selection.matchers);
    if (found.length === 0 || fromMs > toMs) return [];
    const columns: SeriesColumns[] = [];
    const keys = Float64Array.from(found, ({ key }) => key);
    await this.#client.select({ type: 'select', keys, fromMs, toMs, maxSamples }, (part) =>
      this.#take(part, found, columns),
    );
    return columns;
  }

  /** As `select`, the arrays of one result may share memory. */
  async selectRollups(selection: RollupSelection): Promise<RollupColumns[]> {
    this.#assertOpen();
    const { fromMs, toMs, maxSamples } = checkedSelection(selection);
    const { resolutionMs } = selection;
    const found = this.#table.find(selection.matchers);
    if (found.length === 0 || fromMs > toMs) return [];
    const columns: RollupColumns[] = [];
    const keys = Float64Array.from(found, ({ key }) => key);
    await this.#client.selectRollups(
      { type: 'selectRollups', keys, fromMs, toMs, maxSamples, resolutionMs },
      (part) => this.#takeRollups(part, found, columns),
    );
    return columns;
  }

  async delete(deletion: Deletion): Promise<Deleted> {
    this.#assertOpen();
    const { fromMs, toMs } = checkedSelection(deletion);
    const found = this.#table.find(deletion.matchers);
    if (found.length === 0 || fromMs > toMs) return { series: 0, samples: 0 };
    return this.#client.delete({
      type: 'delete',
      keys: Float64Array.from(found, ({ key }) => key),
      fromMs: Math.max(fromMs, -MAX_TIME_MS),
      toMs: Math.min(toMs, MAX_TIME_MS),
    });
  }

  series(matchers: readonly Matcher[]): Labels[] {
    return this.#table.find(matchers).map(({ labels }) => labels);
  }

  labelNames(): string[] {
    return this.#table.labelNames();
  }

  labelValues(name: string): string[] {
    return this.#table.labelValues(name);
  }

  stats(): StoreStats {
    return {
      series: this.#table.size,
      ...this.#client.figures,
      appendedSamples: this.#appendedSamples,
      appendedBatches: this.#appendedBatches,
      failedAppends: this.#failedAppends,
      selectedSamples: this.#selectedSamples,
    };
  }

  /**
   * Moves everything in the head into compressed chunks now instead of at the next time. For tests, benchmarks and
   * backups.
   *
   * @throws StoreError `disk_full`, `io`, `closed`
   */
  async seal(): Promise<void> {
    this.#assertOpen();
    await this.#client.seal();
  }

  /**
   * Seals, rolls up every day that is complete, and deletes what is older than the retention, now instead of at the next
   * time. For tests, benchmarks and backups.
   *
   * @throws StoreError `disk_full`, `io`, `damaged`, `closed`
   */
  async upkeep(): Promise<void> {
    this.#assertOpen();
    await this.#client.upkeep();
  }

  close(): Promise<void> {
    this.#cancelTick();
    this.#closing ??= this.#client.close();
    return this.#closing;
  }

  async #append(batch: SampleBatch): Promise<void> {
    this.#assertOpen();
    checkRows(batch);
    if (batch.refs.length === 0) return;
    const fresh = this.#table.freshIn(batch.refs);
    await this.#client.append({
      type: 'append',
      // Copies, because what is handed to the worker is gone here, and the caller may want to try again.
      refs: batch.refs.slice(),
      tMs: batch.tMs.slice(),
      values: batch.values.slice(),
      newSeries: fresh.map(({ key, name }) => ({ key, labels: name })),
    });
    this.#table.becameDurable(fresh);
  }

  #take(part: SelectedPart, found: readonly InternedSeries[], columns: SeriesColumns[]): void {
    let start = 0;
    for (const [i, index] of part.indexes.entries()) {
      const end = start + (part.counts[i] as number);
      const { labels } = found[index] as InternedSeries;
      columns.push({
        labels,
        tMs: part.tMs.subarray(start, end),
        values: part.values.subarray(start, end),
      });
      start = end;
    }
    this.#selectedSamples += start;
  }

  #takeRollups(
    part: SelectedRollups,
    found: readonly InternedSeries[],
    columns: RollupColumns[],
  ): void {
    let start = 0;
    for (const [i, index] of part.indexes.entries()) {
      const end = start + (part.counts[i] as number);
      const { labels } = found[index] as InternedSeries;
      const views = BUCKET_COLUMNS.map((name, column) => [
        name,
        part.columns[column]?.subarray(start, end),
      ]);
      columns.push({ labels, ...(Object.fromEntries(views) as Buckets) });
      start = end;
    }
    this.#selectedSamples += start;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreError('closed', 'the store was closed');
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#clock.schedule(() => {
      this.#client.tick(this.#clock.nowMs(), this.#clock.monotonicMs());
      this.#scheduleTick();
    }, TICK_MS);
  }
}

function checkRows({ refs, tMs, values }: SampleBatch): void {
  if (refs.length !== tMs.length || refs.length !== values.length) {
    const got = `${refs.length} refs, ${tMs.length} times and ${values.length} values`;
    throw new StoreError('invalid', `got ${got}; want columns of one length`);
  }
  for (const time of tMs) {
    if (Number.isInteger(time) && Math.abs(time) <= MAX_TIME_MS) continue;
    throw new StoreError(
      'invalid',
      `got the time ${time}; want whole milliseconds within ±8.64e15`,
    );
  }
}

function checkedSelection(selection: Selection): Omit<Required<Selection>, 'matchers'> {
  const { matchers, fromMs, toMs, maxSamples = MAX_SELECTED_SAMPLES } = selection;
  if (matchers.length === 0) throw new StoreError('invalid', 'got no matchers; want at least one');
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) {
    throw new StoreError(
      'invalid',
      `got the range ${fromMs} to ${toMs}; want two times in milliseconds`,
    );
  }
  if (Number.isNaN(maxSamples) || maxSamples < 0) {
    throw new StoreError('invalid', `got maxSamples ${maxSamples}; want 0 or more`);
  }
  return { fromMs, toMs, maxSamples };
}
