/**
 * Measures what a sample takes on disk: workload A and real scrapes of node_exporter each second, in our sealed files and in
 * the blocks of Debian's Prometheus, and what each kind of column takes in our chunks.
 *
 * Ours are the day files after sealing every two hours of data. Theirs are the blocks of a snapshot (`/api/v1/admin/tsdb/
 * snapshot`, which cuts the head into a block as compaction does), after the same samples by remote write; neither side's
 * log counts.
 *
 * Run: npm run bench -- bytes-per-sample [series of A] [file of scrapes | minutes to scrape] [--ours]
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleBatch } from '@hubpulse/model';
import { systemClock } from '../apps/server/src/clock.ts';
import { ByteWriter } from '../apps/server/src/store/embedded/codec/bytes.ts';
import { decodeChunk, encodeChunk } from '../apps/server/src/store/embedded/codec/chunk.ts';
import { writeTimes } from '../apps/server/src/store/embedded/codec/time-column.ts';
import { writeValues } from '../apps/server/src/store/embedded/codec/value-column.ts';
import { openEmbeddedStore } from '../apps/server/src/store/embedded/embedded-store.ts';
import { SampleRun } from '../apps/server/src/store/embedded/sample-run.ts';
import { findPeer } from '../scripts/peers.mjs';
import { temporaryDirectory } from '../test/harness/hubpulse-process.ts';
import { startPrometheus } from '../test/harness/prometheus-process.ts';
import { machine, median } from './machine.ts';
import { captureScrapes, readScrapes } from './rig/captured-scrapes.ts';
import { ask, remoteWrite } from './rig/client.ts';
import { table } from './rig/table.ts';
import { createWorkload, HOUR_MS, STEP_MS, type Workload } from './rig/workload.ts';
import { createRequestEncoder } from './rig/write-request.ts';

const seriesCount = Number(process.argv[2] ?? 2000);
if (!(seriesCount >= 100)) throw new Error(`got ${process.argv[2]} series; want 100 or more`);

const DAY_MS = 24 * HOUR_MS;
const START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS;
const SEAL_MS = 2 * HOUR_MS;
/** Samples of a request of remote write. */
const REQUEST_SAMPLES = 20_000;
/** What 480 steps between two seals of A divide by. */
const MAX_STEPS = 10;
const CHUNK_SAMPLES = 480;
const ROUNDS = 9;
const SERIES_OF_TARGET = 100;

const A_STEPS = DAY_MS / STEP_MS;

/** One row of the result: a fresh workload for each side, because its values go on as they are taken. */
interface Case {
  readonly name: string;
  readonly steps: number;
  readonly workload: () => Workload;
}

function workloadA(): Workload {
  return createWorkload(seriesCount, START_MS);
}

/** As real scraping has it: all series of a target share the time stamp of their scrape. */
function workloadOfTargets(): Workload {
  const workload = workloadA();
  return {
    ...workload,
    timeOf: (series, step) => workload.timeOf(Math.floor(series / SERIES_OF_TARGET), step),
  };
}

/** One series in ten of full precision has all 53 bits, not 32 random ones. */
function workloadOf53Bits(): Workload {
  const workload = workloadA();
  return {
    ...workload,
    nextValue: (series) => workload.nextValue(series) * (series % 10 === 9 ? 1 + 2 ** -40 / 3 : 1),
  };
}

/** Bytes a sample in our files. */
async function measureOurs({ workload: create, steps }: Case): Promise<OurBytes> {
  const workload = create();
  const directory = await temporaryDirectory();
  const store = await openEmbeddedStore({ directory: directory.path, clock: systemClock });
  const refs = Uint32Array.from(workload.labels, (labels) => store.intern(labels));
  let sealedMs = workload.timeOf(0, 0);
  const atOnce = stepsAtOnce(workload);
  for (let step = 0; step < steps; step += atOnce) {
    const tMs = workload.timeOf(0, step);
    /* oxlint-disable no-await-in-loop -- Memory stays bounded. */
    if (tMs - sealedMs >= SEAL_MS) {
      await store.seal();
      sealedMs = tMs;
    }
    await store.append(rowsOf(workload, refs, [step, Math.min(step + atOnce, steps)]));
    /* oxlint-enable no-await-in-loop */
  }
  await store.seal();
  await store.close();
  const samples = steps * refs.length;
  const bytes = sizeOf(directory.path, /^[\d-]+\.db$/u) / samples;
  const rollupBytes = sizeOf(directory.path, /^[\d-]+\.1[mh]\.db$/u) / samples;
  await directory.remove();
  return { bytes, rollupBytes };
}

/** For each sample: of the day files, and of what is rolled up beside them. */
interface OurBytes {
  readonly bytes: number;
  readonly rollupBytes: number;
}

/** Steps that fit one request or append. */
function stepsAtOnce({ labels }: Workload): number {
  return Math.max(1, Math.min(MAX_STEPS, Math.floor(REQUEST_SAMPLES / labels.length)));
}

function rowsOf(
  workload: Workload,
  refs: Uint32Array,
  [from, to]: readonly [from: number, to: number],
): SampleBatch {
  const rows = (to - from) * refs.length;
  const at = (row: number): { series: number; step: number } => ({
    series: row % refs.length,
    step: from + Math.floor(row / refs.length),
  });
  return {
    refs: Uint32Array.from({ length: rows }, (_, row) => refs[at(row).series] ?? 0),
    tMs: Float64Array.from({ length: rows }, (_, row) => {
      const { series, step } = at(row);
      return workload.timeOf(series, step);
    }),
    values: Float64Array.from({ length: rows }, (_, row) => workload.nextValue(at(row).series)),
  };
}

/** Bytes a sample in the blocks of Prometheus; NaN where there is none. */
async function measureTheirs({ workload: create, steps }: Case): Promise<number> {
  const program = findPeer('prometheus');
  if (program === undefined || process.argv.includes('--ours')) return Number.NaN;
  const workload = create();
  const directory = await temporaryDirectory();
  const flags = ['--web.enable-remote-write-receiver', '--web.enable-admin-api'];
  const server = await startPrometheus(program, directory.path, { config: '', flags });
  try {
    const encode = createRequestEncoder(workload);
    const count = workload.labels.length;
    const atOnce = stepsAtOnce(workload);
    for (let firstStep = 0; firstStep < steps; firstStep += atOnce) {
      const range = { fromSeries: 0, toSeries: count, firstStep };
      const body = encode({ ...range, steps: Math.min(atOnce, steps - firstStep) });
      // oxlint-disable-next-line no-await-in-loop -- In order of time.
      await remoteWrite(server.url, body);
    }
    const url = `${server.url}/api/v1/admin/tsdb/snapshot`;
    const answer = await ask({ url, body: new Uint8Array(0) });
    const { data } = JSON.parse(answer.text()) as { data: { name: string } };
    return blockBytes(join(directory.path, 'tsdb', 'snapshots', data.name));
  } finally {
    await server.stop();
    await directory.remove();
  }
}

/** All files of all blocks for each sample that their `meta.json` count. */
function blockBytes(snapshot: string): number {
  let bytes = 0;
  let samples = 0;
  for (const block of readdirSync(snapshot)) {
    const path = join(snapshot, block);
    bytes += sizeOf(path, /./u) + sizeOf(join(path, 'chunks'), /./u);
    const meta = JSON.parse(readFileSync(join(path, 'meta.json'), 'utf8')) as {
      stats: { numSamples: number };
    };
    samples += meta.stats.numSamples;
  }
  return bytes / samples;
}

function sizeOf(directory: string, pattern: RegExp): number {
  return readdirSync(directory)
    .map((name) => ({ name, stat: statSync(join(directory, name)) }))
    .filter(({ name, stat }) => stat.isFile() && pattern.test(name))
    .reduce((sum, { stat }) => sum + stat.size, 0);
}

const KINDS = ['counter', 'count', 'percent', 'bytes', 'thousandths', 'full precision'] as const;
const KIND_OF = [0, 0, 0, 1, 1, 2, 2, 3, 4, 5];

interface Column {
  readonly kind: string;
  readonly tMs: Float64Array;
  readonly values: Float64Array;
}

/** Chunks of 200 series of A. */
function columnsOfA(): Column[] {
  const workload = createWorkload(200, START_MS);
  return workload.labels.map((_, series) => ({
    kind: KINDS[KIND_OF[series % 10] ?? 0] ?? '',
    tMs: Float64Array.from({ length: CHUNK_SAMPLES }, (_step, i) => workload.timeOf(series, i)),
    values: Float64Array.from({ length: CHUNK_SAMPLES }, () => workload.nextValue(series)),
  }));
}

function printColumns(): void {
  const columns = columnsOfA();
  const sizes = new Map<string, number[]>();
  const add = (name: string, write: (writer: ByteWriter) => void): void => {
    const writer = new ByteWriter();
    write(writer);
    sizes.set(name, [...(sizes.get(name) ?? []), writer.length / CHUNK_SAMPLES]);
  };
  for (const [series, { kind, tMs, values }] of columns.entries()) {
    add(series % 2 === 0 ? 'times, exact' : 'times, jittered', (writer) => writeTimes(writer, tMs));
    add(kind, (writer) => writeValues(writer, values));
  }
  const mean = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0) / all.length;
  const rows = [...sizes].map(([name, all]) => [name, mean(all)] as const);
  console.log(`\n${table(['column of a chunk of A', 'bytes a sample'], rows)}`);
  const speeds = [
    ['encoding', speed(columns, ({ tMs, values }) => void encodeChunk(7, tMs, values))],
    ['decoding', decodingSpeed(columns)],
  ] as const;
  console.log(`\n${table(['chunks of A', 'million samples/s'], speeds)}`);
}

function decodingSpeed(columns: readonly Column[]): number {
  const chunks = columns.map(({ tMs, values }) => encodeChunk(7, tMs, values).slice());
  const run = new SampleRun(CHUNK_SAMPLES);
  return speed(chunks, (chunk) => {
    run.clear();
    decodeChunk(7, chunk, run);
  });
}

function speed<T>(items: readonly T[], work: (item: T) => void): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    for (const item of items) work(item);
    return performance.now() - startMs;
  });
  return (items.length * CHUNK_SAMPLES) / median(times) / 1000;
}

async function scrapesFile(): Promise<string> {
  const given = process.argv[3] ?? '2';
  if (existsSync(given)) return given;
  const minutes = Number(given);
  if (!(minutes > 0)) throw new Error(`got ${given}; want a file of scrapes or minutes`);
  const path = join(tmpdir(), `hubpulse-scrapes-${process.pid}.gz`);
  await captureScrapes(path, minutes);
  process.once('exit', () => rmSync(path, { force: true }));
  return path;
}

console.log(`${machine()}\n`);
const scrapes = await scrapesFile();
const { steps: scraped, labels } = readScrapes(scrapes, true);
const cases: readonly Case[] = [
  {
    name: `node_exporter, ${labels.length} series × ${scraped} s`,
    steps: scraped,
    workload: () => readScrapes(scrapes, true),
  },
  {
    name: 'the same, times as they were taken',
    steps: scraped,
    workload: () => readScrapes(scrapes, false),
  },
  { name: 'A, each series its own jitter', steps: A_STEPS, workload: workloadA },
  { name: 'A, one time stamp a scrape', steps: A_STEPS, workload: workloadOfTargets },
  { name: 'A, full precision of 53 bits', steps: A_STEPS, workload: workloadOf53Bits },
];
printColumns();
const rows: (readonly (string | number)[])[] = [];
for (const one of cases) {
  // oxlint-disable-next-line no-await-in-loop -- One after the other.
  const { bytes, rollupBytes } = await measureOurs(one);
  // oxlint-disable-next-line no-await-in-loop
  rows.push([one.name, bytes, rollupBytes, await measureTheirs(one)]);
  console.log(rows.at(-1)?.join(' | '));
}
console.log(
  `\n${table(['bytes a sample', 'Hubpulse', 'its roll-ups so far', 'Prometheus'], rows)}`,
);
