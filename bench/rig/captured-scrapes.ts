import { createLabels, type Labels } from '@hubpulse/model';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { findPeer } from '../../scripts/peers.mjs';
import type { Workload } from './workload.ts';

/** Scrapes of one target as they came, one after the other: `# scrape UNIX_MS`, then the exposition. */

const INTERVAL_MS = 1000;

/** How far a scrape's time may be off its second to be put on it, as Prometheus' own scraper does. */
const TOLERANCE_MS = 2;

/** What one label may take for the request encoder, whose lengths have one byte. */
const MAX_LABEL_LENGTH = 120;

const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/gu;

/** A workload of what was captured: series that every scrape has. */
export interface CapturedWorkload extends Workload {
  readonly steps: number;
}

/** Runs Debian's node_exporter for some minutes and writes what it says each second to a file, compressed with gzip. */
export async function captureScrapes(path: string, minutes: number): Promise<void> {
  const program = findPeer('prometheus-node-exporter');
  if (program === undefined) throw new Error('got no node_exporter; want one: npm test brings it');
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(program, [`--web.listen-address=${address}`], { stdio: 'ignore' });
  const scrapes: string[] = [];
  try {
    let nextMs = Math.ceil(Date.now() / INTERVAL_MS + 1) * INTERVAL_MS;
    for (let scrape = 0; scrape < minutes * 60; scrape++) {
      /* oxlint-disable no-await-in-loop -- A scrape each second. */
      await sleep(nextMs - Date.now());
      nextMs += INTERVAL_MS;
      const tMs = Date.now();
      const body = await (await fetch(`http://${address}/metrics`)).text();
      /* oxlint-enable no-await-in-loop */
      scrapes.push(`# scrape ${tMs}\n${body}`);
    }
  } finally {
    const ended = once(child, 'close');
    child.kill();
    await ended;
  }
  writeFileSync(path, gzipSync(scrapes.join('')));
}

/** @param isAligned Whether times near their second are put on it; else they stay as they were taken. */
export function readScrapes(path: string, isAligned: boolean): CapturedWorkload {
  const bytes = gunzipSync(readFileSync(path), { finishFlush: constants.Z_SYNC_FLUSH });
  const scrapes = bytes.toString().split('# scrape ').slice(1).map(parseScrape);
  // The last may have been cut off.
  scrapes.pop();
  const names = [...(scrapes[0]?.samples.keys() ?? [])].filter((name) =>
    scrapes.every(({ samples }) => samples.has(name)),
  );
  const labelled = names
    .map((name) => ({ name, labels: parseName(name) }))
    .filter(({ labels }) => labels.every(([name, value]) => isShort(name) && isShort(value)));
  const times = scrapes.map(({ tMs }) => tMs);
  const columns = labelled.map(({ name }) =>
    Float64Array.from(scrapes, ({ samples }) => samples.get(name) ?? Number.NaN),
  );
  const next = new Uint32Array(columns.length);
  const aligned = isAligned ? onGrid(times) : times;
  return {
    labels: labelled.map(({ labels }) => labels),
    steps: scrapes.length,
    timeOf: (_, step) => aligned[step] ?? Number.NaN,
    nextValue: (series) => {
      const step = next[series] ?? 0;
      next[series] = step + 1;
      return columns[series]?.[step] ?? Number.NaN;
    },
  };
}

interface Scrape {
  readonly tMs: number;
  readonly samples: ReadonlyMap<string, number>;
}

function parseScrape(text: string): Scrape {
  const [tMs, ...lines] = text.split('\n');
  const samples = new Map<string, number>();
  for (const line of lines) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return { tMs: Number(tMs), samples };
}

function parseName(name: string): Labels {
  const labels = Array.from(name.matchAll(LABEL), ([, label = '', value = '']) => [label, value]);
  return createLabels({
    ...(Object.fromEntries(labels) as Record<string, string>),
    __name__: /^\w+/u.exec(name)?.[0] ?? '',
    instance: 'localhost:9100',
    job: 'node',
  });
}

function isShort(text: string): boolean {
  return Buffer.byteLength(text) < MAX_LABEL_LENGTH / 2;
}

/** The grid begins with the first scrape. */
function onGrid(times: readonly number[]): number[] {
  const [first = 0] = times;
  return times.map((tMs) => {
    const onTime = first + Math.round((tMs - first) / INTERVAL_MS) * INTERVAL_MS;
    return Math.abs(tMs - onTime) <= TOLERANCE_MS ? onTime : tMs;
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
