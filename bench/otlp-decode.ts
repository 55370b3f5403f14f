/**
 * Measures what it costs to take in OTLP metrics: Protocol Buffers or JSON, from the bytes of a request to columns, without
 * HTTP and without a disk. All series are known, as in a server that runs. Six attributes a point, as HTTP metrics have.
 *
 * Run: npm run bench -- otlp-decode
 */
import { systemClock } from '../apps/server/src/clock.ts';
import { createIngest } from '../apps/server/src/ingest/ingest.ts';
import { encodeJsonRequest } from '../apps/server/src/ingest/otlp/json-request.ts';
import type { OtlpEncoding } from '../apps/server/src/ingest/otlp/otlp-intake.ts';
import { createMemoryStore } from '../apps/server/src/store/memory/memory-store.ts';
import { storeWith } from '../apps/server/src/store/memory/store-with.ts';
import { machine, median } from './machine.ts';

const POINTS = Number(process.argv[2] ?? 2000);
const ROUNDS = 7;
/** Requests of known series in one round; JSON costs fifty times as much. */
const REPEATS = { protobuf: 20, json: 2 } as const;

const attribute = (key: string, value: string | number): object => ({
  key,
  value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
});

const attributesOf = (i: number): object[] => [
  attribute('http.request.method', ['GET', 'POST', 'PUT'][i % 3] as string),
  attribute('http.route', `/api/v1/things/${i}/parts`),
  attribute('http.response.status_code', 200 + (i % 5)),
  attribute('url.scheme', 'https'),
  attribute('server.address', `gateway-${i % 7}.example.org`),
  attribute('network.protocol.version', '1.1'),
];

const times = (): object => {
  const now = BigInt(Date.now()) * 1_000_000n;
  return { timeUnixNano: String(now), startTimeUnixNano: String(now - 3_600_000_000_000n) };
};

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** One metric with all the points. */
const METRICS: Readonly<Record<string, (i: number) => object>> = {
  gauge: (i) => ({ asDouble: Math.round(i * 1234.567) / 8 }),
  counter: (i) => ({ asInt: String(i * 1000) }),
  delta: (i) => ({ asInt: String(i) }),
  histogram: (i) => ({
    count: String(15 * i),
    sum: i / 3,
    explicitBounds: BOUNDS,
    bucketCounts: Array.from({ length: 15 }, () => String(i)),
  }),
  exponential: (i) => ({
    count: String(40 * i),
    sum: i / 3,
    scale: 4,
    positive: { offset: -20, bucketCounts: Array.from({ length: 40 }, () => String(i + 1)) },
  }),
};

function metricOf(kind: string): object {
  const dataPoints = Array.from({ length: POINTS }, (_, i) => ({
    ...times(),
    attributes: attributesOf(i),
    ...METRICS[kind]?.(i),
  }));
  const aggregationTemporality = kind === 'delta' ? 1 : 2;
  const name = `http.server.${kind}`;
  if (kind === 'gauge') return { name, gauge: { dataPoints } };
  if (kind === 'histogram') return { name, histogram: { dataPoints, aggregationTemporality } };
  if (kind === 'exponential')
    return { name, exponentialHistogram: { dataPoints, aggregationTemporality } };
  return { name, sum: { dataPoints, aggregationTemporality, isMonotonic: true } };
}

function requestOf(kind: string, encoding: OtlpEncoding): Uint8Array {
  const resource = {
    attributes: [attribute('service.name', 'api'), attribute('service.instance.id', 'i-1')],
  };
  const scopeMetrics = [{ scope: { name: 'http' }, metrics: [metricOf(kind)] }];
  const json = Buffer.from(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] }));
  return encoding === 'json' ? json : encodeJsonRequest(json, 'metrics');
}

/** CPU time of the whole process in microseconds: on a machine that others use too, elapsed time says little. */
interface Figures {
  readonly knownMicros: number;
  readonly newMicros: number;
  readonly samplesPerPoint: number;
}

async function measure(kind: string, encoding: OtlpEncoding): Promise<Figures> {
  const limits = {
    maxBodyBytes: 1e9,
    maxDecompressedBytes: 1e9,
    maxSeries: 1e9,
    maxSeriesPerSender: 1e9,
    maxLabels: 64,
    maxLabelBytes: 4096,
    maxAgeMs: 86_400_000,
    maxFutureMs: 86_400_000,
  };
  // Interns for real and throws the samples away: the store is measured elsewhere (store-append).
  const create = () =>
    createIngest({
      store: storeWith(createMemoryStore(), { append: async () => undefined }),
      clock: systemClock,
      limits,
      seed: 42,
    });
  const isDelta = kind === 'delta';
  let body = requestOf(kind, encoding);
  const send = async (ingest: ReturnType<typeof create>): Promise<void> => {
    const lease = { resize: () => undefined };
    const outcome = await ingest.otlp.receive({
      signal: 'metrics',
      encoding,
      coding: 'identity',
      body,
      sender: 'bench',
      lease,
    });
    if ('refusal' in outcome) throw outcome.refusal;
    if (outcome.rejected > 0) throw new Error(outcome.message);
  };
  const timed = async (ingest: ReturnType<typeof create>, repeats: number): Promise<number> => {
    let micros = 0;
    for (let i = 0; i < repeats; i++) {
      // A delta counts once, so each request needs times of its own.
      if (isDelta) body = await later(kind, encoding);
      const start = process.cpuUsage();
      await send(ingest);
      const { user, system } = process.cpuUsage(start);
      micros += user + system;
    }
    return micros / (POINTS * repeats);
  };
  const fresh: number[] = [];
  const known: number[] = [];
  let samplesPerPoint = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ingest = create();
    fresh.push(await timed(ingest, 1));
    const before = ingest.stats().samples.get('otlp_metrics') ?? 0;
    const repeats = isDelta ? 5 : REPEATS[encoding];
    known.push(await timed(ingest, repeats));
    const after = ingest.stats().samples.get('otlp_metrics') ?? 0;
    samplesPerPoint = (after - before) / (repeats * POINTS);
  }
  return { knownMicros: median(known), newMicros: median(fresh), samplesPerPoint };
}

/** A request of another millisecond. */
async function later(kind: string, encoding: OtlpEncoding): Promise<Uint8Array> {
  const startMs = Date.now();
  while (Date.now() === startMs) await new Promise((resolve) => setTimeout(resolve, 1));
  return requestOf(kind, encoding);
}

console.log(`${machine()}\n`);
console.log(
  '| kind | form | known series, µs CPU a point | samples a point | new series, µs CPU a point |',
);
console.log('|---|---|---|---|---|');
for (const kind of Object.keys(METRICS)) {
  for (const encoding of ['protobuf', 'json'] as const) {
    const { knownMicros, newMicros, samplesPerPoint } = await measure(kind, encoding);
    const cells = [
      kind,
      encoding,
      knownMicros.toFixed(2),
      samplesPerPoint.toFixed(1),
      newMicros.toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
