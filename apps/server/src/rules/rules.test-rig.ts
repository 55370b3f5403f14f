import { createLabels, formatLabels, type Labels } from '@hubpulse/model';
import { createSampleWriter } from '../ingest/sample-writer.ts';
import { createSeriesIntake } from '../ingest/series-intake.ts';
import { createLog, type Log } from '../log.ts';
import { createManualClock, type ManualClock } from '../manual-clock.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { MetricStore } from '../store/port.ts';
import { GroupRun } from './group-run.ts';
import { parseRuleFile } from './rule-file.ts';
import type { RuleGroup } from './rule.ts';

/** A multiple of the intervals in these tests. */
export const T_MS = 1_800_000_000_000;

/** A series and its samples, by how long ago they were. */
export type Given = readonly [
  labels: Readonly<Record<string, string>>,
  ...samples: (readonly [agoMs: number, value: number])[],
];

/** Everything that rules work on, with time standing still. */
export interface Rig {
  readonly store: MetricStore;
  readonly clock: ManualClock;
  readonly log: Log;
  /** What was logged, a line each. */
  readonly lines: string[];
  readonly parts: Omit<ConstructorParameters<typeof GroupRun>[1], 'ruleTimeoutMs'>;
  /** Writes samples; `agoMs` counts from `tMs`. */
  write(given: readonly Given[], tMs?: number): Promise<void>;
  /** The recorded values at a time by series; `stale` for a stale marker. */
  at(tMs: number, name?: string): Promise<Record<string, number | 'stale'>>;
}

export function createRig({
  store = createMemoryStore(),
  maxSeries = 1000,
}: { store?: MetricStore; maxSeries?: number } = {}): Rig {
  const clock = createManualClock(T_MS);
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    stream: { write: (line: string) => lines.push(line) > 0 },
    isTerminal: false,
  });
  const limits = { maxLabels: 20, maxLabelBytes: 300 };
  const intake = createSeriesIntake({
    store,
    clock,
    limits: {
      ...limits,
      maxSeries,
      maxSeriesPerSender: maxSeries,
      maxBodyBytes: 1,
      maxDecompressedBytes: 1,
      maxAgeMs: 1,
      maxFutureMs: 1,
    },
  });
  const write = createSampleWriter(store);
  return {
    store,
    clock,
    log,
    lines,
    parts: { store, clock, log, limits, intake },
    write: async (given, tMs = T_MS) =>
      write(
        given.flatMap(([labels, ...samples]) =>
          samples.map(([agoMs, value]) => ({
            labels: createLabels(labels),
            tMs: tMs - agoMs,
            value,
          })),
        ),
      ),
    at: async (tMs, name) => {
      const matchers = [{ name: '__name__', op: '=~', value: name ?? '.+' } as const];
      const found = await store.select({ matchers, fromMs: tMs, toMs: tMs });
      return Object.fromEntries(
        found.map(({ labels, values }) => [seriesName(labels), shown(values)]),
      );
    },
  };
}

const seriesName = (labels: Labels): string => formatLabels(labels);

function shown(values: Float64Array): number | 'stale' {
  const [bits] = new BigUint64Array(values.slice().buffer);
  return bits === 0x7ff0000000000002n ? 'stale' : (values[0] as number);
}

/** The one group of a rule file's text. */
export function groupOf(text: string): RuleGroup {
  const { groups, faults } = parseRuleFile(text, 'rules.yaml');
  const [group] = groups;
  if (faults.length > 0 || group === undefined) throw new Error(JSON.stringify(faults));
  return group;
}

/** A run of the one group of a text. */
export function runOf(rig: Rig, text: string, before?: GroupRun): GroupRun {
  return new GroupRun(groupOf(text), { ...rig.parts, ruleTimeoutMs: 10_000 }, before);
}
