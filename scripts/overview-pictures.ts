import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../test/harness/browser.ts';
import { startHubpulse, temporaryDirectory } from '../test/harness/hubpulse-process.ts';
import { Failure, runScript } from './failure.mjs';
import { root } from './project.mjs';
import { say } from './step.mjs';

/** Takes the pictures of the overview: real figures of this machine and of real requests to the server itself. */

const FOLDER = join(root, 'docs/images');

/** Five minutes fill the shortest range; the rest is for the first figures, which need two readings. */
const TRAFFIC_MS = 320_000;

/** A picture beyond this is too heavy for a README. */
const MAX_PICTURE_BYTES = 300_000;

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

interface Picture {
  readonly name: string;
  readonly language: 'en' | 'zh-CN';
  readonly theme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

const PICTURES: readonly Picture[] = [
  ...(['light', 'dark'] as const).flatMap((theme) =>
    (['en', 'zh-CN'] as const).map((language) => ({
      name: `overview-${theme}-${language.toLowerCase()}.png`,
      language,
      theme,
      viewport: DESK,
    })),
  ),
  { name: 'overview-phone-light-en.png', language: 'en', theme: 'light', viewport: PHONE },
];

/** What is asked for: mostly what a dashboard asks, now and then what does not exist or is no range. */
const PATHS = [
  '/api/v1/monitoring/overview?range=5m',
  '/healthz',
  '/api/v1/monitoring/metrics?range=1h',
  '/readyz',
  '/api/v1/monitoring/overview?range=24h',
  '/metrics',
  '/api/v1/monitoring/metrics?range=5m',
  '/api/v1/nothing-here',
];

/** Waves a minute and a half long, between 2 and 10 requests a second: a course that can be seen, and little load. */
const WAVE_MS = 90_000;
const LEAST_PER_SECOND = 2;
const MOST_PER_SECOND = 10;

await runScript(async () => {
  const directory = await temporaryDirectory();
  try {
    const server = await startHubpulse(directory.path);
    try {
      const browser = await launchChromium();
      try {
        // The pages open first and follow live, so that their own loading is history when the pictures are taken.
        const pages: Page[] = [];
        for (const picture of PICTURES) pages.push(await open(browser, server.url, picture));
        await sendTraffic(server.url);
        await mkdir(FOLDER, { recursive: true });
        for (const [i, page] of pages.entries()) await take(page, PICTURES[i]?.name ?? '');
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await directory.remove();
  }
});

/** Sends requests one after the other, at a rate that comes and goes. */
async function sendTraffic(url: string): Promise<void> {
  const startedMs = performance.now();
  let sent = 0;
  let saidMs = 0;
  for (;;) {
    const passedMs = performance.now() - startedMs;
    if (passedMs >= TRAFFIC_MS) return;
    if (passedMs - saidMs >= 30_000) {
      saidMs = passedMs;
      say('traffic', `${sent} requests, ${Math.round((TRAFFIC_MS - passedMs) / 1000)} s to go`);
    }
    const response = await fetch(url + (PATHS[sent % PATHS.length] ?? '/healthz'));
    await response.arrayBuffer();
    sent++;
    await pause(1000 / rateAt(passedMs));
  }
}

/** Requests a second after so many milliseconds. */
function rateAt(passedMs: number): number {
  const share = (1 - Math.cos((2 * Math.PI * passedMs) / WAVE_MS)) / 2;
  return LEAST_PER_SECOND + share * (MOST_PER_SECOND - LEAST_PER_SECOND);
}

async function open(browser: Browser, url: string, picture: Picture): Promise<Page> {
  const { language, theme, viewport } = picture;
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: 1,
    locale: language,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${url}/?range=5m&lang=${language}&theme=${theme}`);
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  await page.locator('[data-testid="live"][data-state="live"]').waitFor();
  const path = join(FOLDER, name);
  await page.screenshot({ path });
  const { size } = await stat(path);
  if (size > MAX_PICTURE_BYTES) {
    throw new Failure(`${name}: got ${size} bytes; want ${MAX_PICTURE_BYTES} at most`);
  }
  say('picture', `docs/images/${name}, ${Math.round(size / 1000)} kB`);
}
