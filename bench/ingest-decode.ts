/**
 * Measures what it costs to take in remote write: Snappy, Protocol Buffers and finding the series, without HTTP and without a
 * disk. All series are known, as in a server that runs. Ten labels a series, as Prometheus on Kubernetes sends them.
 *
 * Run: npm run bench -- ingest-decode
 */
import { systemClock } from '../apps/server/src/clock.ts';
import { createIngest } from '../apps/server/src/ingest/ingest.ts';
import {
  compress,
  symbolRequest,
  type TestSeries,
  writeRequest,
} from '../apps/server/src/ingest/message.test-encoder.ts';
import type { RemoteWriteMessage } from '../apps/server/src/ingest/remote-write/media-type.ts';
import { createMemoryStore } from '../apps/server/src/store/memory/memory-store.ts';
import { storeWith } from '../apps/server/src/store/memory/store-with.ts';
import type { MetricStore } from '../apps/server/src/store/port.ts';
import { machine, median } from './machine.ts';

const SIZES = (process.argv[2] ?? '2000,20000').split(',').map(Number);
const ROUNDS = 15;
/** Samples of one round, so that small requests are measured over as long a time as large ones. */
const SAMPLES_PER_ROUND = 200_000;

const MESSAGES = {
  'prometheus.WriteRequest': writeRequest,
  'io.prometheus.write.v2.Request': symbolRequest,
} as const satisfies Record<RemoteWriteMessage, unknown>;

function seriesOf(count: number): TestSeries[] {
  return Array.from({ length: count }, (_, i) => ({
    labels: [
      ['__name__', `container_network_receive_bytes_total_${i % 50}`],
      ['cluster', 'production-eu-west-1'],
      ['container', `gateway-${i % 7}`],
      ['endpoint', 'https-metrics'],
      ['id', `/kubepods/burstable/pod${(i * 2_654_435_761).toString(16)}`],
      ['instance', `10.0.${i % 256}.${(i >> 8) % 256}:10250`],
      ['job', 'kubelet'],
      ['namespace', `team-${i % 13}`],
      ['node', `ip-10-0-${i % 256}.eu-west-1.compute.internal`],
      ['pod', `gateway-${i}`],
    ],
    samples: [{ tMs: Date.now() - (i % 1000), value: Math.round(i * 1234.567) / 8 }],
  }));
}

/** Interns for real and throws the samples away: the store is measured elsewhere (store-append). */
function createSink(): MetricStore {
  return storeWith(createMemoryStore(), { append: async () => undefined });
}

/** CPU time of the whole process in microseconds: on a machine that others use too, elapsed time says little. */
interface Figures {
  readonly knownMicros: number;
  readonly newMicros: number;
  readonly bytesPerSample: number;
}

async function measure(message: RemoteWriteMessage, samples: number): Promise<Figures> {
  const body = compress(MESSAGES[message](seriesOf(samples)));
  const sending = { sender: 'bench', lease: { resize: () => undefined } };
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
  const create = () => createIngest({ store: createSink(), clock: systemClock, limits, seed: 42 });
  const timed = async (ingest: ReturnType<typeof create>, repeats: number): Promise<number> => {
    const start = process.cpuUsage();
    for (let i = 0; i < repeats; i++) {
      const outcome = await ingest.remoteWrite(message, body, sending);
      if ('refusal' in outcome) throw outcome.refusal;
    }
    const { user, system } = process.cpuUsage(start);
    return (user + system) / (samples * repeats);
  };
  const fresh: number[] = [];
  const known: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ingest = create();
    fresh.push(await timed(ingest, 1));
    known.push(await timed(ingest, SAMPLES_PER_ROUND / samples));
  }
  return {
    knownMicros: median(known),
    newMicros: median(fresh),
    bytesPerSample: body.length / samples,
  };
}

console.log(`${machine()}\n`);
console.log(
  '| message | samples a request | known series, µs CPU a sample | samples per CPU-second | new series, µs CPU | bytes a sample |',
);
console.log('|---|---|---|---|---|---|');
for (const message of Object.keys(MESSAGES) as RemoteWriteMessage[]) {
  for (const samples of SIZES) {
    const { knownMicros, newMicros, bytesPerSample } = await measure(message, samples);
    const cells = [
      message,
      samples,
      knownMicros.toFixed(2),
      Math.round(1e6 / knownMicros),
      newMicros.toFixed(1),
      bytesPerSample.toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
