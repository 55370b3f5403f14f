import type { ErrorBody } from '@hubpulse/api';
import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import {
  card,
  cardStates,
  CHARTS,
  crosshairText,
  markPage,
  plotArea,
  stepsOf,
  valueText,
  waitForCards,
  waitForLive,
} from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

const stage = createStage();

const OVERVIEW = '**/api/v1/monitoring/overview*';

/** Answers as the server does when it fails. */
const answerError = (status: number, error: ErrorBody['error']) => (route: Route) =>
  route.fulfill({ status, contentType: 'application/json', body: JSON.stringify({ error }) });

const UNAVAILABLE = { code: 'store_unavailable', message: 'the disk is full' };

/** Takes the first answer out of the page, so that the page has to ask for it. */
async function withoutFirstAnswer(page: Page): Promise<void> {
  await page.route(
    (url) => url.pathname === '/',
    async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(
        /(<script type="application\/json" id="boot">).*?(<\/script>)/,
        '$1{"version":"0.0.0"}$2',
      );
      await route.fulfill({ response, body });
    },
  );
}

describe('a server that stops and starts again', () => {
  test('is missed in words while the data stay, and followed again without a reload', async () => {
    const page = await stage.open('/?range=5m&lang=en', { allowFaults: true });
    await waitForLive(page, 'live');
    const mark = await markPage(page);
    const steps = await stepsOf(page, 'chart-signals');

    await stage.stopServer();
    await waitForLive(page, 'reconnecting');
    expect(await page.getByTestId('live').innerText()).toMatch(/^Reconnecting \d+ s/);
    const away = page.getByTestId('server-away');
    await away.waitFor();
    expect(await away.innerText()).toMatch(
      /^The server does not answer; retrying\. Data up to \d\d:\d\d:\d\d$/,
    );
    expect(await page.getByTestId('live').getAttribute('data-state')).not.toBe('live');
    expect(await valueText(page, 'memory')).toMatch(/^[\d.]+%$/);
    expect(await cardStates(page)).not.toContain('error');
    expect(await stepsOf(page, 'chart-signals')).toBe(steps);
    expect(await plotArea(page, 'chart-signals').isVisible()).toBe(true);

    await stage.startServer();
    const back = page.getByRole('status').filter({ hasText: 'Connected to the server again' });
    await Promise.all([back.waitFor({ timeout: 30_000 }), waitForLive(page, 'live', 30_000)]);
    await away.waitFor({ state: 'detached' });
    const before = await crosshairText(page, 'chart-signals');
    await expect.poll(() => crosshairText(page, 'chart-signals')).not.toBe(before);
    await waitForCards(page, 'ready');
    expect(await mark.isThere()).toBe(true);

    await page.keyboard.press('v');
    const cells = page.getByTestId('chart-signals').locator('tbody td:nth-child(3)');
    const course = async () =>
      (await cells.allInnerTexts()).map((text) => (text === '—' ? '-' : '#')).join('');
    // From the newest step back: figures, the outage as a gap, and the figures before it.
    await expect.poll(course).toMatch(/^-*#+-+#/);
  });
});

describe('a server that hangs', () => {
  test('is noticed by its silence, and followed again when it goes on', async () => {
    const page = await stage.open('/?range=5m&lang=en', { allowFaults: true });
    await waitForLive(page, 'live');
    stage.server.child.kill('SIGSTOP');
    try {
      await waitForLive(page, 'reconnecting');
    } finally {
      stage.server.child.kill('SIGCONT');
    }
    await waitForLive(page, 'live', 30_000);
    const before = await crosshairText(page, 'chart-signals');
    await expect.poll(() => crosshairText(page, 'chart-signals')).not.toBe(before);
  });
});

describe('a first answer that fails', () => {
  test('is an error on every card, with its code and what the server said', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      before: async (opened) => {
        await withoutFirstAnswer(opened);
        await opened.route(OVERVIEW, answerError(503, UNAVAILABLE));
      },
    });
    await waitForCards(page, 'error');
    expect(await card(page, 'cpu').innerText()).toMatch(/Could not be read\s*store_unavailable/);
    const charts = CHARTS.filter((id) => id !== 'chart-errors');
    for (const chart of charts) {
      expect(await page.getByTestId(chart).getAttribute('data-state')).toBe('error');
      expect(await page.getByTestId(chart).innerText()).toContain('the disk is full');
    }
    // A fault of the server's passes by itself.
    await page.unroute(OVERVIEW);
    await waitForCards(page, 'ready');
    await waitForLive(page, 'live');
  });

  test('is tried again by the button of a card', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      before: async (opened) => {
        await withoutFirstAnswer(opened);
        await opened.route(OVERVIEW, answerError(400, { code: 'bad_range', message: 'got 5m' }));
      },
    });
    await waitForCards(page, 'error');
    await page.unroute(OVERVIEW);
    await card(page, 'disk').getByRole('button', { name: 'Retry' }).click();
    await waitForCards(page, 'ready');
  });

  test('can be copied with all that helps to find the reason', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
      before: async (opened) => {
        await withoutFirstAnswer(opened);
        await opened.route(OVERVIEW, answerError(503, UNAVAILABLE));
      },
    });
    await waitForCards(page, 'error');
    await page.getByTestId('chart-signals').getByRole('button', { name: 'Copy details' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(JSON.parse(copied)).toMatchObject({
      ...UNAVAILABLE,
      status: 503,
      page: page.url(),
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test.each([
    { name: 'no answer', answer: (route: Route) => route.abort() },
    {
      name: 'a page of some proxy',
      answer: (route: Route) => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }),
    },
    {
      name: 'no JSON',
      answer: (route: Route) => route.fulfill({ status: 200, body: 'hello' }),
    },
  ])('leaves a page that can be used: $name', async ({ answer }) => {
    const page = await stage.open('/?range=5m&lang=en', {
      allowFaults: true,
      before: async (opened) => {
        await withoutFirstAnswer(opened);
        await opened.route(OVERVIEW, answer);
      },
    });
    await waitForCards(page, 'error');
    await page.getByTestId('lang').click();
    await eventually('the Chinese title', async () => (await page.title()) === '总览 · Hubpulse');
    await page.unroute(OVERVIEW);
    await page.getByTestId('range-1h').click();
    await waitForCards(page, 'ready');
  });
});

describe('a range that fails after one that did not', () => {
  test('is an error, and the way back shows the figures again', async () => {
    const page = await stage.open('/?range=5m&lang=en', { allowFaults: true });
    await waitForLive(page, 'live');
    await page.route(OVERVIEW, answerError(503, UNAVAILABLE));
    await page.getByTestId('range-24h').click();
    await waitForCards(page, 'error');
    await page.unroute(OVERVIEW);
    await page.goBack();
    await waitForCards(page, 'ready');
    await waitForLive(page, 'live');
  });
});
