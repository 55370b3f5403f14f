import { SIGNALS } from '@hubpulse/api';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { expectFigure } from '../harness/figure-text.ts';
import {
  card,
  cardStates,
  crosshairText,
  markPage,
  valueText,
  waitForCards,
  waitForLive,
} from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

/** As a newcomer starts it: figures each 5 s. */
const stage = createStage({ variables: {} });

const UNITS = ['percent', 'percent', 'percent', 'milliseconds', 'percent'] as const;

const newestTime = async (): Promise<number> =>
  (await stage.api.overview({ range: '5m' }, 1)).latest.cpu?.tMs ?? 0;

/** How many live streams the server has open, by its own metrics. */
async function streamsOf(): Promise<number> {
  const text = await (await fetch(stage.url('/metrics'))).text();
  return Number(/^hubpulse_live_clients (\d+)$/m.exec(text)?.[1]);
}

/** Counts the requests for the overview. */
function countOverviews(page: Page): { readonly count: number } {
  const counter = { count: 0 };
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/monitoring/overview')) counter.count++;
  });
  return counter;
}

/** The server refuses live streams. */
const refuseStreams = (page: Page): Promise<unknown> =>
  page.route('**/api/v1/live*', (route) => route.fulfill({ status: 503, body: '' }));

describe('a page that follows the present', () => {
  test('shows a new figure within 10 s, without a reload', async () => {
    const page = await stage.open('/?range=5m&lang=en');
    await waitForLive(page, 'live');
    const mark = await markPage(page);
    const requests = countOverviews(page);
    const before = await crosshairText(page, 'chart-signals');
    expect(before).toMatch(/^\d\d:\d\d:\d\d, CPU /);
    await expect
      .poll(() => crosshairText(page, 'chart-signals'), { timeout: 10_000 })
      .not.toBe(before);
    expect(await mark.isThere()).toBe(true);
    expect(requests.count).toBe(0);
  });

  test('shows the newest figures of the API in its cards', async () => {
    const page = await stage.open('/?range=5m&lang=en');
    await waitForLive(page, 'live');
    await eventually('the figures of the API on the page', async () => {
      const { latest } = await stage.api.overview({ range: '5m' }, 1);
      const texts = await Promise.all(SIGNALS.map((signal) => valueText(page, signal)));
      for (const [i, signal] of SIGNALS.entries()) {
        const unit = UNITS[i] ?? 'percent';
        expectFigure(texts[i] ?? '', { value: latest[signal]?.value, unit });
      }
      return true;
    });
  });

  test('stands still while it is paused, and catches up when it resumes', async () => {
    const page = await stage.open('/?range=5m&lang=en');
    await waitForLive(page, 'live');
    await page.getByTestId('live').click();
    await waitForLive(page, 'paused');
    await eventually('no open stream', async () => (await streamsOf()) === 0);
    const before = await crosshairText(page, 'chart-signals');
    const pausedMs = await newestTime();
    await eventually('two newer figures', async () => (await newestTime()) >= pausedMs + 10_000);
    expect(await crosshairText(page, 'chart-signals')).toBe(before);
    expect(await cardStates(page)).toEqual(SIGNALS.map(() => 'ready'));

    await page.getByTestId('live').click();
    await waitForLive(page, 'live');
    await expect.poll(() => crosshairText(page, 'chart-signals')).not.toBe(before);
  });
});

describe('a page whose stream is refused', () => {
  test('says that it refreshes each 30 s, and does', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      before: async (opened) => {
        await opened.clock.install();
        await refuseStreams(opened);
      },
    });
    await waitForCards(page, 'ready');
    const requests = countOverviews(page);
    for (const seconds of [0, 1, 2]) {
      await page.clock.runFor(seconds * 1000);
      if (seconds < 2) await waitForLive(page, 'reconnecting');
    }
    await waitForLive(page, 'polling');
    expect(await page.getByTestId('live').innerText()).toContain('Every 30 s');
    await expect.poll(() => requests.count).toBe(1);
    const figures = await crosshairText(page, 'chart-signals');
    const drawnMs = await newestTime();
    await eventually('a newer figure', async () => (await newestTime()) > drawnMs);
    await page.clock.runFor(30_000);
    await expect.poll(() => requests.count).toBe(2);
    await page.clock.runFor(1_000);
    await expect.poll(() => crosshairText(page, 'chart-signals')).not.toBe(figures);
  });

  test('comes back to the stream by itself', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      before: async (opened) => {
        await opened.clock.install();
        await refuseStreams(opened);
      },
    });
    await waitForLive(page, 'reconnecting');
    await page.clock.runFor(3_000);
    await waitForLive(page, 'polling');
    await page.unroute('**/api/v1/live*');
    await page.clock.runFor(30_000);
    await waitForLive(page, 'live');
  });
});

describe('a page that nobody looks at', () => {
  test('gives its stream back after a minute, and reads what it missed on return', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      before: (opened) => opened.clock.install(),
    });
    await waitForLive(page, 'live');
    await setVisibility(page, 'hidden');
    await page.clock.fastForward(55_000);
    // No frame came in that minute of the page's own time, so it opens its stream anew.
    await page.clock.fastForward(4_000);
    await eventually('one open stream', async () => (await streamsOf()) === 1);
    await page.clock.fastForward(2_000);
    await eventually('no open stream', async () => (await streamsOf()) === 0);

    const requests = countOverviews(page);
    await setVisibility(page, 'visible');
    await waitForLive(page, 'live');
    expect(requests.count).toBe(1);
    await eventually('one open stream', async () => (await streamsOf()) === 1);
  });
});

describe('a page without news', () => {
  test('greys its figures, says how old they are and recovers', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      before: async (opened) => {
        await opened.clock.install();
        await opened.route('**/api/v1/**', (route) => route.abort());
      },
    });
    await waitForCards(page, 'ready');
    const figure = await valueText(page, 'memory');
    await page.clock.fastForward(180_000);
    await waitForCards(page, 'stale');
    const age = card(page, 'memory').getByTestId('age');
    expect(await age.innerText()).toMatch(/^3 min\.? ago$/);
    expect(await valueText(page, 'memory')).toBe(figure);

    await page.unroute('**/api/v1/**');
    await page.clock.runFor(31_000);
    // The page's clock ran ahead of the server's; with figures from now on they agree again.
    await page.clock.setSystemTime(Date.now());
    await waitForCards(page, 'ready');
  });
});

/** Tells the page that its tab is seen or not, as the browser does. */
async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((visibility) => {
    Object.defineProperty(document, 'hidden', {
      configurable: true,
      get: () => visibility === 'hidden',
    });
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => visibility,
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}
