import type { TestSeries } from '../../apps/server/src/ingest/message.test-encoder.ts';
import type { Random } from './random.ts';

/** From one sample of a series to the next. */
const INTERVAL_MS = 15_000;

/** How long the series are. */
export const SAMPLES_MS = 90 * 60_000;

const STALE = 0x7ff0000000000002n;

type Labels = Readonly<Record<string, string>>;

/** The value of the next sample; a marker of staleness, or a gap. */
type Walk = () => number | 'stale' | 'gap';

/** The series that generated queries ask for, one list of samples each. All times are odd: no window ends or begins on one. */
export function samplesFor(random: Random, startMs: number): TestSeries[] {
  const series: TestSeries[] = [];
  const add = (name: string, labels: Labels, walk: Walk): void => {
    series.push({
      labels: [['__name__', name] as const, ...Object.entries(labels)].toSorted(([a], [b]) =>
        a < b ? -1 : 1,
      ),
      samples: samplesOf(walk, random, startMs),
    });
  };
  for (const labels of TARGETS) {
    add('temperature', labels, gauge(random));
    add('sparse', labels, sparse(random));
    add('build_info', { ...labels, version: `1.${labels['instance']?.length}` }, () => 1);
    for (const code of ['200', '404', '500'])
      add('requests_total', { ...labels, code }, counter(random));
    addHistogram(add, labels, random);
  }
  for (const kind of ['zero', 'negative', 'nan', 'endless'])
    add('odd', { kind, job: 'api' }, odd(kind, random));
  return series;
}

const TARGETS: readonly Labels[] = [
  { job: 'api', instance: 'a:1' },
  { job: 'api', instance: 'b:22' },
  { job: 'db', instance: 'a:1' },
  { job: 'db', instance: 'c:333' },
];

function samplesOf(walk: Walk, random: Random, startMs: number): TestSeries['samples'] {
  const samples: { tMs: number; value: number | bigint }[] = [];
  for (let tMs = startMs; tMs < startMs + SAMPLES_MS; tMs += INTERVAL_MS) {
    const value = walk();
    const jitteredMs = tMs + 2 * random.below(1000) + 1;
    // Whole and half seconds are even, so that an odd time is neither.
    if (value !== 'gap')
      samples.push({ tMs: jitteredMs, value: value === 'stale' ? STALE : value });
  }
  return samples;
}

function gauge(random: Random): Walk {
  const decimals = 10 ** random.below(4);
  let value = 20 + random.next() * 50;
  return () => {
    value = Math.max(1, value + random.next() * 4 - 2);
    return Math.round(value * decimals) / decimals;
  };
}

/** A counter that falls now and then, to what keeps its extrapolation away from zero. */
function counter(random: Random): Walk {
  const slope = 1 + random.below(50);
  let value = 5000 + random.below(1e6);
  return () => {
    if (random.chance(0.01)) value = 3000 + random.below(1000);
    if (random.chance(0.8)) value += random.below(2 * slope);
    return value;
  };
}

/** A series that comes and goes: gaps of minutes, some of them begun by a stale marker. */
function sparse(random: Random): Walk {
  let missing = 0;
  return () => {
    if (missing > 0) {
      missing -= 1;
      return 'gap';
    }
    if (!random.chance(0.05)) return random.below(1000) / 8;
    missing = random.below(40);
    return random.chance(0.6) ? 'stale' : 'gap';
  };
}

function odd(kind: string, random: Random): Walk {
  if (kind === 'zero') return () => 0;
  if (kind === 'negative') return () => -1 - random.below(100) / 4;
  const other = kind === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
  return () => (random.chance(0.3) ? other : random.below(50) + 0.5);
}

const BOUNDS = ['0.1', '0.5', '1', '5', '+Inf'];

function addHistogram(
  add: (name: string, labels: Labels, walk: Walk) => void,
  labels: Labels,
  random: Random,
): void {
  const counts = BOUNDS.map(() => 10_000);
  const observe = (): void => {
    for (let i = random.below(9); i > 0; i -= 1) {
      const first = random.below(BOUNDS.length);
      for (let bucket = first; bucket < counts.length; bucket += 1) {
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
    }
  };
  // All buckets of a moment belong together: each is the list of what its bound counted.
  const rows = Array.from({ length: SAMPLES_MS / INTERVAL_MS }, () => {
    observe();
    return [...counts];
  });
  for (const [bucket, le] of BOUNDS.entries()) {
    let row = 0;
    add('latency_seconds_bucket', { ...labels, le }, () => rows[row++]?.[bucket] ?? 0);
  }
  let row = 0;
  add('latency_seconds_count', labels, () => rows[row++]?.at(-1) ?? 0);
}
