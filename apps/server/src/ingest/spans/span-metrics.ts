import type { Label } from '@hubpulse/model';
import type { Clock } from '../../clock.ts';
import type { MetricStore } from '../../store/port.ts';
import { assertShortLabel, type LabelLimits } from '../label-rules.ts';
import type { MetadataEntry, MetricMetadata } from '../metric-metadata.ts';
import { Refusal } from '../refusal.ts';
import type { SeriesIntake } from '../series-intake.ts';
import type { Measurement, SpanFamily } from './family.ts';
import { OwnFamilies } from './own-families.ts';
import { type Point, seriesOf } from './point.ts';
import { type PointLimits, PointTable } from './point-table.ts';
import { SpanBatch } from './span-batch.ts';
import { SpanClock } from './span-clock.ts';
import { SpanCounts, type SpanOutcome, type SpanStats } from './span-counts.ts';
import type { SpanGroup } from './span.ts';

/**
 * How often the totals of a label set are written while nothing happens, milliseconds. Queries then see a flat line instead
 * of a gap, and the next request as a step from it. A quarter of the minute over which the signals look.
 */
const REPEAT_MS = 15_000;

/** After so long without a span a label set ends: three times what PromQL looks back. Milliseconds. */
const IDLE_MS = 15 * 60_000;

/** What became of the spans of a request. */
export interface SpanReceipt {
  /** Spans of which nothing is stored because a limit on series is reached. */
  readonly refused: number;
  /** Why, of one of them. */
  readonly refusal: Refusal | undefined;
}

/** Makes metrics of spans. */
export interface SpanMetrics {
  /**
   * Counts spans. When the promise resolves every total that they changed is durable; when it rejects with what the store
   * threw, nothing was counted.
   *
   * @param sender The sender's address.
   */
  write(groups: readonly SpanGroup[], sender: string): Promise<SpanReceipt>;
  /** Repeats totals that are due, and ends those that are idle or that their service sends itself now. */
  beat(): Promise<void>;
  /** Figures, and where the reader of requests adds its own. */
  readonly counts: SpanCounts;
  stats(): SpanStats;
}

/** What metrics of spans are made with. */
export interface SpanMetricsOptions {
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly intake: SeriesIntake;
  /** Where the metrics are described. */
  readonly metadata: Pick<MetricMetadata, 'record'>;
  readonly limits: PointLimits & LabelLimits;
}

export function createSpanMetrics(options: SpanMetricsOptions): SpanMetrics {
  return new StoredSpanMetrics(options);
}

/** A span's measurements, and whose they are. */
interface MeasuredSpan {
  readonly group: SpanGroup;
  readonly measurements: readonly Measurement[];
}

/** A request on its way into the store. */
interface Task {
  readonly sender: string;
  readonly spans: readonly MeasuredSpan[];
  readonly outcomes: Map<SpanOutcome, number>;
  refusal: Refusal | undefined;
}

/**
 * Totals live here, and each write appends those that it changed. Writes happen one after another: requests that come while
 * one is under way share the next. So no batch holds what an earlier one, which failed, did not.
 */
class StoredSpanMetrics implements SpanMetrics {
  readonly counts = new SpanCounts();
  readonly #store: MetricStore;
  readonly #intake: SeriesIntake;
  readonly #table: PointTable;
  readonly #own: OwnFamilies;
  readonly #clock: SpanClock;
  /** Ends when the write under way has ended. */
  #turn: Promise<void> = Promise.resolve();
  #waiting: Task[] = [];
  /** The write that will take what waits. */
  #next: Promise<void> | undefined;
  /** Who sends what is counted at present. */
  #sender = '';

  constructor({ store, clock, intake, metadata, limits }: SpanMetricsOptions) {
    this.#store = store;
    this.#intake = intake;
    this.#own = new OwnFamilies({ store, clock });
    this.#clock = new SpanClock(clock);
    this.#table = new PointTable({
      limits,
      makeRefs: (place, target) => {
        assertShortLabels(target, limits);
        metadata.record(place.family.name, metadataOf(place.family));
        return intake.intern(seriesOf(place, target), this.#sender);
      },
    });
  }

  async write(groups: readonly SpanGroup[], sender: string): Promise<SpanReceipt> {
    const task: Task = { sender, spans: eachSpan(groups), outcomes: new Map(), refusal: undefined };
    this.#waiting.push(task);
    this.#next ??= this.#inTurn(async () => {
      const tasks = this.#waiting;
      this.#waiting = [];
      this.#next = undefined;
      await this.#writeTasks(tasks);
    });
    await this.#next;
    for (const [outcome, spans] of task.outcomes) this.counts.add(outcome, spans);
    return { refused: task.outcomes.get('over_limit') ?? 0, refusal: task.refusal };
  }

  beat(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#endPoints();
      await this.#repeatPoints();
      this.#own.trim();
    });
  }

  stats(): SpanStats {
    return this.counts.stats({ labelSets: this.#table.size, folded: this.#table.folded });
  }

  async #inTurn(run: () => Promise<void>): Promise<void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      await run();
    } finally {
      resolve();
    }
  }

  async #writeTasks(tasks: readonly Task[]): Promise<void> {
    const own = await this.#ownFamilies(tasks);
    const touched = new Set<Point>();
    try {
      for (const task of tasks) this.#count(task, own, touched);
      await this.#append([...touched]);
    } catch (error) {
      for (const point of touched) point.rollBack();
      throw error;
    }
  }

  /** The families that services of these requests send themselves. */
  async #ownFamilies(tasks: readonly Task[]): Promise<OwnSet> {
    const wanted = new Map<string, Set<SpanFamily>>();
    for (const { group, measurements } of tasks.flatMap(({ spans }) => spans)) {
      if (measurements.length === 0) continue;
      const families = wanted.get(group.job) ?? new Set();
      wanted.set(group.job, families);
      for (const { family } of measurements) families.add(family);
    }
    const pairs = [...wanted].flatMap(([job, families]) =>
      [...families].map((family): JobFamily => [job, family]),
    );
    return this.#ownOf(pairs);
  }

  async #ownOf(pairs: readonly JobFamily[]): Promise<OwnSet> {
    const own: OwnSet = new Map();
    const answers = await Promise.all(pairs.map(([job, family]) => this.#own.isOwn(job, family)));
    for (const [i, [job, family]] of pairs.entries()) {
      if (answers[i] !== true) continue;
      const families = own.get(job) ?? new Set();
      own.set(job, families.add(family));
    }
    return own;
  }

  #count(task: Task, own: OwnSet, touched: Set<Point>): void {
    this.#sender = task.sender;
    for (const span of task.spans) {
      const outcome = this.#countSpan(span, { task, own, touched });
      task.outcomes.set(outcome, (task.outcomes.get(outcome) ?? 0) + 1);
    }
  }

  /** Counts all that a span measures, or nothing of it. */
  #countSpan(
    { group, measurements }: MeasuredSpan,
    { task, own, touched }: { task: Task; own: OwnSet; touched: Set<Point> },
  ): SpanOutcome {
    if (measurements.length === 0) return 'unused';
    const ours = measurements.filter(({ family }) => own.get(group.job)?.has(family) !== true);
    if (ours.length === 0) return 'own_metrics';
    const points = this.#pointsOf(group, ours, task);
    if (points === undefined) return 'over_limit';
    for (const [i, point] of points.entries()) {
      for (const value of (ours[i] as Measurement).values) point.observe(value);
      touched.add(point);
    }
    return 'measured';
  }

  #pointsOf(
    { job, target }: SpanGroup,
    measurements: readonly Measurement[],
    task: Task,
  ): Point[] | undefined {
    const points: Point[] = [];
    try {
      for (const measurement of measurements) {
        points.push(this.#table.at(job, target, measurement));
      }
      return points;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      task.refusal = error;
      return undefined;
    }
  }

  /** Writes points as they are now. */
  async #append(points: readonly Point[]): Promise<void> {
    if (points.length === 0) return;
    const tMs = this.#clock.next();
    const batch = new SpanBatch();
    for (const point of points) {
      if (point.writtenMs === undefined) {
        batch.addZeros(point, this.#clock.zeroBefore(tMs, REPEAT_MS));
      }
      batch.addValues(point, tMs);
    }
    await this.#settle(batch);
    for (const point of points) {
      point.commit(tMs);
      point.usedMs = tMs;
    }
  }

  async #settle(batch: SpanBatch): Promise<void> {
    if (batch.length === 0) return;
    const rows = batch.finish();
    await this.#store.append(rows);
    this.#intake.settle(rows.refs);
  }

  /** Ends what is idle, and what its service sends itself. */
  async #endPoints(): Promise<void> {
    const pairs = this.#table.families();
    const own = await this.#ownOf(pairs);
    const tMs = this.#clock.next();
    const ending = new Set<Point>();
    for (const [job, family] of pairs) {
      const isOwn = own.get(job)?.has(family) === true;
      for (const point of this.#table.pointsOf(job, family)) {
        if (isOwn || tMs - point.usedMs >= IDLE_MS) ending.add(point);
      }
    }
    if (ending.size === 0) return;
    const batch = new SpanBatch();
    for (const point of ending) if (point.writtenMs !== undefined) batch.addEnds(point, tMs);
    await this.#settle(batch);
    this.#clock.markEnds(tMs);
    this.#table.remove(ending);
  }

  async #repeatPoints(): Promise<void> {
    const tMs = this.#clock.next();
    const due: Point[] = [];
    const batch = new SpanBatch();
    for (const point of this.#table.points()) {
      if (point.writtenMs === undefined || tMs - point.writtenMs < REPEAT_MS) continue;
      due.push(point);
      batch.addValues(point, tMs);
    }
    await this.#settle(batch);
    for (const point of due) point.writtenMs = tMs;
  }
}

/** A family of one service. */
type JobFamily = readonly [job: string, family: SpanFamily];

/** The families that services send themselves, by job. */
type OwnSet = Map<string, Set<SpanFamily>>;

function metadataOf({ name, help, bounds }: SpanFamily): MetadataEntry {
  const type = bounds === undefined ? 'counter' : 'histogram';
  return { type, help, unit: name.endsWith('_seconds') ? 'seconds' : '' };
}

/** The labels that spans make are short; those of their resource are the sender's own. @throws Refusal `label_limit` */
function assertShortLabels(labels: readonly Label[], limits: LabelLimits): void {
  for (const [, value] of labels) {
    assertShortLabel(Buffer.byteLength(value), () => value.slice(0, 200), limits);
  }
}

function eachSpan(groups: readonly SpanGroup[]): MeasuredSpan[] {
  return groups.flatMap((group) => group.spans.map((measurements) => ({ group, measurements })));
}
