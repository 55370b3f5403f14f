/**
 * Measures what somebody who opens Hubpulse waits for: from `npm start` (already built) to the line with the URL and to
 * the first drawn point, and of the overview the first contentful paint, the full content and the CPU that it takes.
 *
 * Run: npm run bench -- start
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../test/harness/browser.ts';
import { machine, median } from './machine.ts';

const ROUNDS = 5;
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** A chart has drawn once its canvas holds ink; the page marks the card as ready when a figure stands in it. */
const FIRST_FIGURE = '[data-testid="card-cpu"][data-state="ready"]';

interface Round {
  readonly listensMs: number;
  readonly firstPointMs: number;
  readonly paintMs: number;
  readonly contentMs: number;
  readonly cpuMs: number;
}

async function measure(browser: Browser): Promise<Round> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hubpulse-bench-'));
  const startedMs = performance.now();
  const child = spawn('npm', ['start', '--silent'], {
    cwd: REPOSITORY,
    detached: true,
    env: { ...process.env, HUBPULSE_PORT: '0', HUBPULSE_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await urlOf(child.stdout);
  const listensMs = performance.now() - startedMs;
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.waitForSelector(FIRST_FIGURE);
  const firstPointMs = performance.now() - startedMs;
  const load = await measureLoad(browser, url);
  await page.close();
  process.kill(-(child.pid ?? 0), 'SIGTERM');
  await once(child, 'close');
  await rm(dataDir, { recursive: true });
  return { listensMs, firstPointMs, ...load };
}

async function urlOf(stdout: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stdout) {
    text += String(chunk);
    const url = /http:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`got "${text}"; want a line with the URL`);
}

/** Loads the overview in a fresh context: nothing cached. */
async function measureLoad(
  browser: Browser,
  url: string,
): Promise<Omit<Round, 'listensMs' | 'firstPointMs'>> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(`${url}/?range=1h`);
  await page.waitForFunction(
    (selector) =>
      document.querySelector(selector) !== null &&
      [...document.querySelectorAll('canvas')].filter((canvas) => canvas.width > 0).length >= 5,
    FIRST_FIGURE,
  );
  const contentMs = await page.evaluate(() => performance.now());
  const paintMs = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  );
  const { metrics } = await session.send('Performance.getMetrics');
  const taskSeconds = metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  await context.close();
  return { paintMs, contentMs, cpuMs: taskSeconds * 1000 };
}

const browser = await launchChromium();
const rounds: Round[] = [];
// oxlint-disable-next-line no-await-in-loop -- Rounds at the same time would measure each other.
for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(browser));
await browser.close();

const row = (what: string, values: readonly number[]): string =>
  `| ${what} | ${Math.round(median(values))} | ${Math.round(Math.min(...values))} | ${Math.round(Math.max(...values))} |`;

console.log(
  [
    machine(),
    '',
    `| ms, ${ROUNDS} rounds | median | least | most |`,
    '|---|---|---|---|',
    row(
      '`npm start` to the line with the URL',
      rounds.map((r) => r.listensMs),
    ),
    row(
      '`npm start` to the first drawn figure',
      rounds.map((r) => r.firstPointMs),
    ),
    row(
      'overview: first contentful paint',
      rounds.map((r) => r.paintMs),
    ),
    row(
      'overview: full content',
      rounds.map((r) => r.contentMs),
    ),
    row(
      'overview: main-thread CPU until then',
      rounds.map((r) => r.cpuMs),
    ),
  ].join('\n'),
);
