/**
 * Measures what it costs to read a scraped body and to find its series, without HTTP and without a disk, beside a reading that
 * makes strings: split into lines, a regular expression for each, `Number`.
 *
 * Run: npm run bench -- scrape
 */
import { createLabels } from '@hubpulse/model';
import { systemClock } from '../apps/server/src/clock.ts';
import { createIngest } from '../apps/server/src/ingest/ingest.ts';
import { ExposedMetadataLines } from '../apps/server/src/ingest/scrape/exposed-metadata.ts';
import { createRelabel } from '../apps/server/src/ingest/scrape/relabel.ts';
import { createSampleLabels } from '../apps/server/src/ingest/scrape/sample-labels.ts';
import {
  type DecodingTarget,
  decodeScrape,
} from '../apps/server/src/ingest/scrape/scrape-decoder.ts';
import { SeriesTable } from '../apps/server/src/ingest/scrape/series-table.ts';
import { createMemoryStore } from '../apps/server/src/store/memory/memory-store.ts';
import { machine, median } from './machine.ts';

const SIZES = (process.argv[2] ?? '500,5000,50000').split(',').map(Number);
const ROUNDS = 9;
/** Samples of one round, so that small bodies are measured over as long a time as large ones. */
const SAMPLES_PER_ROUND = 200_000;

const LIMITS = {
  maxBodyBytes: 1e9,
  maxDecompressedBytes: 1e9,
  maxSeries: 1e9,
  maxSeriesPerSender: 1e9,
  maxLabels: 64,
  maxLabelBytes: 4096,
  maxAgeMs: 86_400_000,
  maxFutureMs: 86_400_000,
};

/** A body as node_exporter writes it: help and type of each metric, ten series of it, half of the values whole. */
function bodyOf(samples: number): Buffer {
  const lines: string[] = [];
  for (let i = 0; i < samples; i++) {
    const metric = `node_disk_metric_${Math.floor(i / 10)}_bytes_total`;
    if (i % 10 === 0)
      lines.push(`# HELP ${metric} The number of bytes.`, `# TYPE ${metric} counter`);
    const value = i % 2 === 0 ? i * 1_234_567 : (i * 1234.567).toExponential();
    lines.push(`${metric}{device="nvme${i % 10}n1",mode="system"} ${value}`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function createTarget(): DecodingTarget {
  const ingest = createIngest({
    store: createMemoryStore(),
    clock: systemClock,
    limits: LIMITS,
    seed: 42,
  });
  const sink = ingest.scrapes;
  return {
    instance: '10.0.0.1:9100',
    table: new SeriesTable(42),
    metadata: new ExposedMetadataLines(sink.metadata, 42),
    labelsOf: createSampleLabels({
      targetLabels: createLabels({ job: 'node', instance: '10.0.0.1:9100', rack: 'r1' }),
      honorLabels: false,
      relabel: createRelabel([]),
      limits: LIMITS,
    }),
    honorTimestamps: true,
    sampleLimit: 0,
    sink,
  };
}

async function scrape(target: DecodingTarget, bytes: Buffer): Promise<void> {
  const number = target.table.begin();
  const body = { bytes, format: 'text', scrape: number, tMs: Date.now() } as const;
  const { rows } = await decodeScrape(target, body);
  rows.toBatch([...target.table.endedBy(number)], body.tMs);
  target.table.settle(number);
}

const LINE = /^([^{\s]+)(?:\{([^}]*)\})?\s+(\S+)/;

function readAsText(bytes: Buffer): number {
  const known = new Map<string, number>();
  for (const line of bytes.toString().split('\n')) {
    if (line.startsWith('#')) continue;
    const [, name, labels, value] = LINE.exec(line) ?? [];
    if (name !== undefined) known.set(`${name}{${labels}}`, Number(value));
  }
  return known.size;
}

/** CPU time of the whole process for each sample, in microseconds. */
async function timed(samples: number, repeats: number, run: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < repeats; i++) await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / (samples * repeats);
}

console.log(`${machine()}\n`);
console.log(
  '| samples a scrape | known series, µs CPU a sample | samples per CPU-second | new series, µs CPU | through strings, µs CPU | MB/s, known |',
);
console.log('|---|---|---|---|---|---|');
for (const samples of SIZES) {
  const bytes = bodyOf(samples);
  const repeats = Math.max(1, Math.round(SAMPLES_PER_ROUND / samples));
  const [fresh, known, text]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const target = createTarget();
    fresh.push(await timed(samples, 1, () => scrape(target, bytes)));
    known.push(await timed(samples, repeats, () => scrape(target, bytes)));
    text.push(await timed(samples, repeats, () => readAsText(bytes)));
  }
  const micros = median(known);
  const cells = [
    samples,
    micros.toFixed(3),
    Math.round(1e6 / micros),
    median(fresh).toFixed(1),
    median(text).toFixed(2),
    Math.round(bytes.length / samples / micros),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
