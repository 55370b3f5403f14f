import { labelsKey } from '@hubpulse/model';
import type { Clock } from '../clock.ts';
import type { LabelLimits } from '../ingest/label-rules.ts';
import type { SeriesIntake } from '../ingest/series-intake.ts';
import type { Log } from '../log.ts';
import type { MetricStore } from '../store/port.ts';
import { GroupSource } from './group-source.ts';
import {
  type Recorded,
  type RecordedPoint,
  type RecordedSeries,
  writePoint,
} from './recorded-series.ts';
import { evaluateRecording } from './recording.ts';
import { groupKey, type Rule, type RuleGroup, ruleKey } from './rule.ts';
import { type PlannedRule, planRules } from './shared-parts.ts';

/** What a group needs to run. */
export interface GroupParts {
  readonly store: MetricStore;
  /** Decides which results may become series. */
  readonly intake: Pick<SeriesIntake, 'intern' | 'settle'>;
  readonly limits: LabelLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** The longest that one rule may take, milliseconds. */
  readonly ruleTimeoutMs: number;
}

/** How a rule fares. */
export interface RuleStatus {
  readonly rule: Rule;
  readonly health: 'ok' | 'err' | 'unknown';
  /** Why the last evaluation failed; empty when it did not. */
  readonly lastError: string;
  /** When it was last evaluated, Unix milliseconds; `undefined` before the first time. */
  readonly lastEvaluationMs: number | undefined;
  readonly durationSeconds: number;
}

interface Counts {
  /** Evaluations of rules. */
  readonly evaluations: number;
  readonly failures: number;
  /** Evaluations of the group that were left out because one before took too long or the machine slept. */
  readonly missed: number;
}

const NO_COUNTS: Counts = { evaluations: 0, failures: 0, missed: 0 };

/** How a group fares; the counts since there is a group of the name. */
export interface GroupStatus extends Counts {
  readonly group: RuleGroup;
  readonly rules: readonly RuleStatus[];
  readonly lastEvaluationMs: number | undefined;
  readonly durationSeconds: number;
}

interface RuleState {
  readonly rule: Rule;
  readonly plan: PlannedRule;
  status: RuleStatus;
  /** What it gave when it last succeeded. */
  previous: ReadonlyMap<string, RecordedSeries>;
}

/** What one evaluation makes, until it is written. */
interface Round {
  readonly source: GroupSource;
  readonly tMs: number;
  readonly signal: AbortSignal;
  readonly results: Map<RuleState, ReadonlyMap<string, RecordedSeries>>;
}

/** Evaluates the rules of one group and writes what they give. */
export class GroupRun {
  readonly group: RuleGroup;
  readonly #parts: GroupParts;
  readonly #states: readonly RuleState[];
  /** Series of rules that a change of the group took away: they end with the next evaluation. */
  #orphans: Map<string, RecordedSeries>;
  readonly #counts: { -readonly [Name in keyof Counts]: Counts[Name] };
  #lastMs: number | undefined;
  #durationSeconds = 0;
  readonly #stopped = new AbortController();

  /** @param before The run whose place this one takes: what it recorded goes on, or ends. */
  constructor(group: RuleGroup, parts: GroupParts, before?: GroupRun) {
    this.group = group;
    this.#parts = parts;
    const left = before?.remains();
    this.#orphans = new Map(left?.series);
    this.#states = planRules(group.rules).map((plan) => {
      const { rule } = plan;
      const previous = left?.byRule.get(ruleKey(rule)) ?? new Map<string, RecordedSeries>();
      left?.byRule.delete(ruleKey(rule));
      for (const key of previous.keys()) this.#orphans.delete(key);
      return { rule, plan, status: statusBefore(rule), previous };
    });
    this.#counts = { ...NO_COUNTS, ...left?.counts };
    this.#lastMs = before?.group.intervalMs === group.intervalMs ? left?.lastMs : undefined;
  }

  /**
   * Evaluates all rules at a time and writes their results as one batch. Never rejects: what fails is the status of its rule,
   * counted, and said once until it works again.
   */
  async evaluate(tMs: number): Promise<void> {
    const startedMs = this.#parts.clock.monotonicMs();
    this.#countMissed(tMs);
    const atMs = tMs - this.group.queryOffsetMs;
    const round: Round = {
      source: new GroupSource(this.#parts.store, atMs),
      tMs: atMs,
      signal: this.#stopped.signal,
      results: new Map(),
    };
    for (const state of this.#states) {
      // oxlint-disable-next-line no-await-in-loop -- A rule sees what the one before it gave.
      await this.#evaluateRule(state, round, tMs);
      if (round.signal.aborted) return;
    }
    this.#end(this.#orphans, round);
    await this.#write(round);
    this.#durationSeconds = this.#secondsSince(startedMs);
  }

  /** Ends the series of a group that is no more. */
  async retire(tMs: number): Promise<void> {
    this.stop();
    const source = new GroupSource(this.#parts.store, tMs);
    for (const [key, series] of this.#allSeries()) source.add(key, { ...series, value: undefined });
    try {
      await this.#append(source.points(), tMs);
    } catch (error) {
      this.#parts.log.warn(
        { group: this.group.name, err: error },
        'The series of a group of rules could not be ended.',
      );
    }
  }

  /** Ends an evaluation that is under way; nothing of it is written. */
  stop(): void {
    this.#stopped.abort();
  }

  status(): GroupStatus {
    return {
      group: this.group,
      rules: this.#states.map(({ status }) => status),
      lastEvaluationMs: this.#lastMs,
      durationSeconds: this.#durationSeconds,
      ...this.#counts,
    };
  }

  /** What a run in the place of this one takes over. */
  remains(): {
    readonly series: readonly [string, RecordedSeries][];
    /** By `ruleKey`. */
    readonly byRule: Map<string, ReadonlyMap<string, RecordedSeries>>;
    readonly counts: Counts;
    readonly lastMs: number | undefined;
  } {
    return {
      series: this.#allSeries(),
      byRule: new Map(this.#states.map(({ rule, previous }) => [ruleKey(rule), previous])),
      counts: this.#counts,
      lastMs: this.#lastMs,
    };
  }

  #allSeries(): [string, RecordedSeries][] {
    return [...this.#orphans, ...this.#states.flatMap(({ previous }) => [...previous])];
  }

  #countMissed(tMs: number): void {
    const missed = Math.round((tMs - (this.#lastMs ?? tMs)) / this.group.intervalMs) - 1;
    if (missed > 0) this.#counts.missed += missed;
    this.#lastMs = tMs;
  }

  async #evaluateRule(state: RuleState, round: Round, tMs: number): Promise<void> {
    const startedMs = this.#parts.clock.monotonicMs();
    const timeout = timeoutSignal(this.#parts, round.signal);
    let failure: unknown;
    try {
      const recorded = await evaluateRecording(state.plan, {
        source: round.source,
        tMs: round.tMs,
        limit: this.group.limit,
        limits: this.#parts.limits,
        signal: timeout.signal,
      });
      const results = this.#intern(recorded);
      this.#end(state.previous, round, results);
      for (const [key, series] of results) {
        round.source.add(key, { ...series, value: recorded.get(key)?.value });
      }
      round.results.set(state, results);
    } catch (error) {
      failure = error;
    } finally {
      timeout.clear();
    }
    if (round.signal.aborted) return;
    this.#counts.evaluations++;
    this.#judge(state, failure);
    state.status = {
      ...state.status,
      lastEvaluationMs: tMs,
      durationSeconds: this.#secondsSince(startedMs),
    };
  }

  #intern(recorded: ReadonlyMap<string, Recorded>): Map<string, RecordedSeries> {
    const series = [...recorded.values()].map(({ labels }) => labels);
    const refs = this.#parts.intake.intern(series, groupKey(this.group));
    return new Map(
      series.map((labels, i) => [labelsKey(labels), { labels, ref: refs[i] as number }]),
    );
  }

  /** Ends the series that have no value now. */
  #end(
    series: ReadonlyMap<string, RecordedSeries>,
    { source }: Round,
    but?: ReadonlyMap<string, unknown>,
  ): void {
    for (const [key, ended] of series) {
      if (but?.has(key) === true || source.hasValue(key, ended.labels)) continue;
      source.add(key, { ...ended, value: undefined });
    }
  }

  async #write({ source, tMs, results }: Round): Promise<void> {
    try {
      await this.#append(source.points(), tMs);
      for (const [state, series] of results) state.previous = series;
      this.#orphans = new Map();
    } catch (error) {
      for (const state of results.keys()) this.#judge(state, error);
    }
  }

  async #append(points: readonly RecordedPoint[], tMs: number): Promise<void> {
    if (points.length === 0) return;
    const refs = Uint32Array.from(points, ({ ref }) => ref);
    const values = new Float64Array(points.length);
    for (const [row, { value }] of points.entries()) writePoint(values, row, value);
    await this.#parts.store.append({
      refs,
      tMs: new Float64Array(points.length).fill(tMs),
      values,
    });
    this.#parts.intake.settle(refs);
  }

  /** @param failure `undefined` for a success. */
  #judge(state: RuleState, failure: unknown): void {
    const { log } = this.#parts;
    const about = { group: this.group.name, file: this.group.file, rule: state.rule.name };
    const wasFailing = state.status.health === 'err';
    if (failure === undefined) {
      if (wasFailing) log.info(about, 'A recording rule works again.');
      state.status = { ...state.status, health: 'ok', lastError: '' };
      return;
    }
    this.#counts.failures++;
    if (!wasFailing) {
      log.warn(
        { ...about, err: failure },
        'A recording rule failed; said once until it works again.',
      );
    }
    const lastError = failure instanceof Error ? failure.message : 'an unknown failure';
    state.status = { ...state.status, health: 'err', lastError };
  }

  #secondsSince(startedMs: number): number {
    return (this.#parts.clock.monotonicMs() - startedMs) / 1000;
  }
}

function statusBefore(rule: Rule): RuleStatus {
  return {
    rule,
    health: 'unknown',
    lastError: '',
    lastEvaluationMs: undefined,
    durationSeconds: 0,
  };
}

/** A signal that aborts with another one, or when the time is over. */
function timeoutSignal(
  { clock, ruleTimeoutMs }: GroupParts,
  outer: AbortSignal,
): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const cancel = clock.schedule(() => {
    const message = `the rule took more than ${ruleTimeoutMs} ms`;
    controller.abort(new DOMException(message, 'TimeoutError'));
  }, ruleTimeoutMs);
  const onAbort = (): void => controller.abort(outer.reason);
  outer.addEventListener('abort', onAbort, { once: true });
  if (outer.aborted) onAbort();
  return {
    signal: controller.signal,
    clear: () => {
      cancel();
      outer.removeEventListener('abort', onAbort);
    },
  };
}
