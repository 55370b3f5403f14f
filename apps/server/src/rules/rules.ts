import type { Clock } from '../clock.ts';
import type { GridLoop } from '../grid-loop.ts';
import type { LabelLimits } from '../ingest/label-rules.ts';
import type { SeriesIntake } from '../ingest/series-intake.ts';
import type { Log } from '../log.ts';
import type { MetricStore } from '../store/port.ts';
import { builtinGroup } from './builtin-rules.ts';
import { createGroupLoop } from './group-loop.ts';
import { GroupRun, type GroupStatus } from './group-run.ts';
import { groupFingerprint, groupKey, type RuleGroup } from './rule.ts';
import { createRuleFiles, type RuleFiles, type RuleFileStats } from './rule-files.ts';

/** The rules of a running Hubpulse. */
export interface Rules {
  /** Reads the rule files and begins to evaluate their groups. */
  start(): Promise<void>;
  /** Evaluates the built-in rules; whoever drives them calls it after the samples of `tMs` were written. Never rejects. */
  evaluateBuiltin(tMs: number): Promise<void>;
  /** Ends every evaluation. */
  stop(): Promise<void>;
  /** How every group fares, ordered by file and name. Rules of a file whose present text does not count say so. */
  groups(): GroupStatus[];
  fileStats(): RuleFileStats;
  /** Resolves when nothing is under way that a clock began. */
  idle(): Promise<void>;
}

export interface RulesOptions {
  readonly store: MetricStore;
  readonly intake: Pick<SeriesIntake, 'intern' | 'settle'>;
  readonly limits: LabelLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** How often `evaluateBuiltin` is called, in milliseconds; `undefined` leaves the built-in rules out. */
  readonly builtinIntervalMs: number | undefined;
  /** Absolute paths of rule files; the last segment may have `*` and `?`. */
  readonly patterns: readonly string[];
}

/** Prometheus' default of `query.timeout`. */
const RULE_TIMEOUT_MS = 120_000;

/** A built-in rule that takes longer than this and than its interval would hold up the collection of the host. */
const MIN_BUILTIN_TIMEOUT_MS = 5000;

export function createRules(options: RulesOptions): Rules {
  return new RunningRules(options);
}

class RunningRules implements Rules {
  readonly #options: RulesOptions;
  readonly #files: RuleFiles;
  readonly #groups = new Map<string, { readonly run: GroupRun; readonly loop: GridLoop }>();
  #builtin: GroupRun | undefined;
  #isBuiltinOutdated = false;

  constructor(options: RulesOptions) {
    this.#options = options;
    this.#files = createRuleFiles(options);
    this.#renewBuiltin();
  }

  async start(): Promise<void> {
    await this.#files.start(() => this.#renew());
  }

  async evaluateBuiltin(tMs: number): Promise<void> {
    // Between two evaluations, so that none is lost.
    if (this.#isBuiltinOutdated) this.#renewBuiltin();
    await this.#builtin?.evaluate(tMs);
  }

  async stop(): Promise<void> {
    await this.#files.stop();
    this.#builtin?.stop();
    await Promise.all([...this.#groups.values()].map((running) => end(running)));
  }

  async idle(): Promise<void> {
    await this.#files.idle();
    await Promise.all([...this.#groups.values()].map(({ loop }) => loop.idle()));
  }

  groups(): GroupStatus[] {
    const own = this.#builtin === undefined ? [] : [this.#builtin.status()];
    const statuses = [...own, ...[...this.#groups.values()].map(({ run }) => run.status())];
    return statuses
      .map((status) => withFileFault(status, this.#files.faultOf(status.group.file)))
      .toSorted((a, b) => (groupKey(a.group) < groupKey(b.group) ? -1 : 1));
  }

  fileStats(): RuleFileStats {
    return this.#files.stats();
  }

  /** Brings what runs into line with the files. Groups that stay the same go on undisturbed. */
  async #renew(): Promise<void> {
    const wanted = new Map(this.#files.groups().map((group) => [groupKey(group), group]));
    for (const [key, running] of this.#groups) {
      const group = wanted.get(key);
      if (group !== undefined && isSame(group, running.run.group)) continue;
      // oxlint-disable-next-line no-await-in-loop -- What a group recorded passes on to the one in its place.
      await end(running);
      this.#groups.delete(key);
      // oxlint-disable-next-line no-await-in-loop -- As above.
      if (group === undefined) await running.run.retire(this.#options.clock.nowMs());
      else this.#startGroup(group, running.run);
    }
    for (const [key, group] of wanted) if (!this.#groups.has(key)) this.#startGroup(group);
    this.#isBuiltinOutdated = true;
  }

  #startGroup(group: RuleGroup, before?: GroupRun): void {
    const parts = { ...this.#options, ruleTimeoutMs: RULE_TIMEOUT_MS };
    const run = new GroupRun(group, parts, before);
    const { clock } = this.#options;
    const loop = createGroupLoop({ clock, group, evaluate: (tMs) => run.evaluate(tMs) });
    this.#groups.set(groupKey(group), { run, loop });
    loop.start();
  }

  /** A rule of the user takes the place of the built-in one that records the same name. */
  #renewBuiltin(): void {
    this.#isBuiltinOutdated = false;
    const { builtinIntervalMs: intervalMs, log } = this.#options;
    if (intervalMs === undefined) return;
    const names = new Set(this.#files.groups().flatMap(({ rules }) => rules.map((r) => r.name)));
    const group = builtinGroup(intervalMs, names);
    const before = this.#builtin;
    if (before !== undefined && isSame(before.group, group)) return;
    const ruleTimeoutMs = Math.max(intervalMs, MIN_BUILTIN_TIMEOUT_MS);
    this.#builtin = new GroupRun(group, { ...this.#options, ruleTimeoutMs }, before);
    const gone = before?.group.rules.filter(({ name }) => names.has(name)) ?? [];
    if (gone.length > 0) {
      const rules = gone.map(({ name }) => name).join(', ');
      log.info({ rules }, 'Rules of a rule file take the place of built-in ones.');
    }
  }
}

function isSame(a: RuleGroup, b: RuleGroup): boolean {
  return groupFingerprint(a) === groupFingerprint(b);
}

async function end({ run, loop }: { run: GroupRun; loop: GridLoop }): Promise<void> {
  const stopped = loop.stop();
  run.stop();
  await stopped;
}

/** An evaluation that failed by itself tells more than the file. */
function withFileFault(status: GroupStatus, fault: string): GroupStatus {
  if (fault === '') return status;
  const rules = status.rules.map((rule) =>
    rule.lastError === ''
      ? { ...rule, health: 'err' as const, lastError: `the rules from before run: ${fault}` }
      : rule,
  );
  return { ...status, rules };
}
