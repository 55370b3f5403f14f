import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createHistory, GAP_HOUR } from '../harness/history.ts';
import {
  boxOf,
  type ChartId,
  CHARTS,
  crosshair,
  crosshairText,
  dragOver,
  parameter,
  plotArea,
  stepsOf,
  waitForCards,
  waitForLive,
  waitForSteps,
} from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

const history = createHistory();
const stage = createStage({ variables: {}, prepare: history.write });

const STEP_MS = 5_000;
const HOUR_STEPS = 720;

/** The window of the address; `undefined` while the page follows the present. */
function windowOf(page: Page): { fromMs: number; toMs: number } | undefined {
  const from = parameter(page, 'from');
  const to = parameter(page, 'to');
  return from === null || to === null ? undefined : { fromMs: Number(from), toMs: Number(to) };
}

async function openHour(): Promise<{ page: Page; fromMs: number; toMs: number }> {
  const { fromMs, toMs } = history.hourWindow(1);
  const page = await stage.open(`/?from=${fromMs}&to=${toMs}&lang=en`);
  await waitForCards(page, 'ready');
  await waitForDrawn(page, HOUR_STEPS);
  return { page, fromMs, toMs };
}

/** Waits until all charts have drawn so many steps. */
async function waitForDrawn(page: Page, steps: number): Promise<void> {
  for (const chart of CHARTS) await waitForSteps(page, chart, steps);
}

/** Zooms by dragging over the middle of a chart: the second quarter of its window. */
const dragQuarter = (page: Page, chart: ChartId = 'chart-signals'): Promise<void> =>
  dragOver(page, chart, { from: 0.25, to: 0.5 });

describe('a drag over a chart', () => {
  test.each(['chart-signals', 'chart-errors', 'chart-network'] as const)(
    'zooms all charts to the stretch: %s',
    async (chart) => {
      const { page, fromMs, toMs } = await openHour();
      const asked = page.waitForRequest(
        (request) =>
          request.url().includes('/api/v1/monitoring/overview') &&
          new URL(request.url()).searchParams.get('from') !== String(fromMs),
      );
      await dragQuarter(page, chart);
      const query = new URL((await asked).url()).searchParams;
      await expect.poll(() => windowOf(page)?.fromMs).not.toBe(fromMs);
      const zoomed = windowOf(page) ?? { fromMs: 0, toMs: 0 };
      const quarterMs = (toMs - fromMs) / 4;
      expect(Math.abs(zoomed.fromMs - (fromMs + quarterMs))).toBeLessThanOrEqual(2 * STEP_MS);
      expect(Math.abs(zoomed.toMs - (fromMs + 2 * quarterMs))).toBeLessThanOrEqual(2 * STEP_MS);
      expect(query.get('from')).toBe(String(zoomed.fromMs));
      expect(query.get('to')).toBe(String(zoomed.toMs));
      await waitForDrawn(page, (zoomed.toMs - zoomed.fromMs) / STEP_MS);
    },
  );

  test('stops following the present', async () => {
    const page = await stage.open('/?range=6h&lang=en');
    await waitForLive(page, 'live');
    await dragQuarter(page);
    await waitForLive(page, 'paused');
    expect(parameter(page, 'range')).toBe('6h');
    expect(windowOf(page)).toBeDefined();
    await page.getByTestId('live').click();
    await waitForLive(page, 'live');
    expect(windowOf(page)).toBeUndefined();
  });

  test('that is hardly a movement zooms nothing', async () => {
    const { page, fromMs } = await openHour();
    await dragOver(page, 'chart-signals', { from: 0.5, to: 0.502 });
    await dragQuarter(page);
    await expect.poll(() => windowOf(page)?.fromMs).not.toBe(fromMs);
    await page.goBack();
    await expect.poll(() => windowOf(page)?.fromMs).toBe(fromMs);
  });
});

describe('the way back from a zoom', () => {
  test('is a double-click, whatever was zoomed in between', async () => {
    const { page, fromMs, toMs } = await openHour();
    await dragQuarter(page);
    await expect.poll(() => windowOf(page)?.fromMs).not.toBe(fromMs);
    const first = windowOf(page);
    await waitForDrawn(page, ((first?.toMs ?? 0) - (first?.fromMs ?? 0)) / STEP_MS);
    await dragQuarter(page);
    await expect.poll(() => windowOf(page)?.fromMs).not.toBe(first?.fromMs);
    await plotArea(page, 'chart-response').dblclick();
    await expect.poll(() => windowOf(page)).toEqual({ fromMs, toMs });
    await waitForDrawn(page, HOUR_STEPS);
  });

  test('is a double-click to the present too', async () => {
    const page = await stage.open('/?range=6h&lang=en');
    await waitForLive(page, 'live');
    await dragQuarter(page);
    await waitForLive(page, 'paused');
    await plotArea(page, 'chart-signals').dblclick();
    await waitForLive(page, 'live');
    expect(windowOf(page)).toBeUndefined();
  });

  test('is a double-click also where the stretch held no data', async () => {
    const { fromMs: gapMs } = history.hourWindow(GAP_HOUR);
    // The hour without data is the second quarter.
    const fromMs = gapMs - 3_600_000;
    const page = await stage.open(`/?from=${fromMs}&to=${fromMs + 4 * 3_600_000}&lang=en`);
    await waitForCards(page, 'ready');
    await dragOver(page, 'chart-signals', { from: 0.3, to: 0.45 });
    await waitForCards(page, 'empty');
    await plotArea(page, 'chart-signals').dblclick({ position: { x: 60, y: 40 } });
    await waitForCards(page, 'ready');
    expect(windowOf(page)?.fromMs).toBe(fromMs);
  });

  test('is Back, one zoom at a time, and Forward zooms again', async () => {
    const { page, fromMs, toMs } = await openHour();
    await dragQuarter(page);
    await expect.poll(() => windowOf(page)?.fromMs).not.toBe(fromMs);
    const first = windowOf(page);
    await waitForDrawn(page, ((first?.toMs ?? 0) - (first?.fromMs ?? 0)) / STEP_MS);
    await dragQuarter(page);
    await expect.poll(() => windowOf(page)?.fromMs).not.toBe(first?.fromMs);
    const second = windowOf(page);
    await page.goBack();
    await expect.poll(() => windowOf(page)).toEqual(first);
    await page.goBack();
    await expect.poll(() => windowOf(page)).toEqual({ fromMs, toMs });
    await waitForDrawn(page, HOUR_STEPS);
    await page.goForward();
    await expect.poll(() => windowOf(page)).toEqual(first);
    await page.goForward();
    await expect.poll(() => windowOf(page)).toEqual(second);
  });
});

describe('the crosshair', () => {
  test('stands at the same time on all charts when the mouse is over one', async () => {
    const { page } = await openHour();
    const over = await boxOf(plotArea(page, 'chart-signals'));
    await page.mouse.move(over.x + over.width / 3, over.y + over.height / 2);
    const badges = page.locator('.chart-time:visible');
    await expect.poll(() => badges.count()).toBeGreaterThan(3);
    expect(new Set(await badges.allInnerTexts()).size).toBe(1);
    for (const chart of CHARTS) {
      const area = await boxOf(plotArea(page, chart));
      const line = await boxOf(page.getByTestId(chart).locator('.u-cursor-x').first());
      // The third of another width, to the pixel and the step.
      expect(Math.abs(line.x - area.x - area.width / 3), chart).toBeLessThan(3);
    }
    await page.mouse.move(5, 5);
    await expect.poll(() => badges.count()).toBe(0);
  });

  test('reads out the figures of its time in the legends', async () => {
    const { fromMs } = history.hourWindow(1);
    // Half an hour on either side of a full hour, at which all figures change.
    const page = await stage.open(`/?from=${fromMs - 1_800_000}&to=${fromMs + 1_800_000}&lang=en`);
    await waitForCards(page, 'ready');
    await waitForDrawn(page, HOUR_STEPS);
    const legend = page.getByTestId('chart-signals').locator('ul');
    const requests = page.getByTestId('chart-requests').locator('ul').first();
    await expect.poll(() => legend.innerText()).toMatch(/CPU\s+50\.0%/);
    const over = await boxOf(plotArea(page, 'chart-disk-io'));
    await page.mouse.move(over.x + over.width * 0.25, over.y + over.height / 2);
    await expect.poll(() => legend.innerText()).toMatch(/CPU\s+40\.0%/);
    await expect.poll(() => requests.innerText()).toMatch(/2xx\s+11\.1k req\/s/);
    await page.mouse.move(over.x + over.width * 0.75, over.y + over.height / 2);
    await expect.poll(() => legend.innerText()).toMatch(/CPU\s+50\.0%/);
    await expect.poll(() => requests.innerText()).toMatch(/2xx\s+90\.0 req\/s/);
  });

  test('moves by keyboard, marks a stretch and zooms to it', async () => {
    const { page, toMs } = await openHour();
    const slider = crosshair(page, 'chart-response');
    await slider.focus();
    await page.keyboard.press('End');
    expect(await crosshairText(page, 'chart-response')).toMatch(
      new RegExp(`^${new Date(toMs).toISOString().slice(11, 19)}, P50 1\\.25 s, P95 2\\.50 s`),
    );
    await page.keyboard.press(' ');
    for (let leaps = 0; leaps < 6; leaps++) await page.keyboard.press('PageUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => windowOf(page)).toEqual({ fromMs: toMs - 61 * STEP_MS, toMs });
    await waitForDrawn(page, 61);
  });
});

describe('a legend', () => {
  test('shows one line alone by a click, and all again by a second', async () => {
    const { page } = await openHour();
    const entries = page.getByTestId('chart-signals').locator('ul button');
    const pressed = () =>
      entries.evaluateAll((all) => all.map((one) => one.getAttribute('aria-pressed')));
    const memory = entries.filter({ hasText: 'Memory' });
    await memory.click();
    expect(await pressed()).toEqual(['false', 'true', 'false']);
    await memory.click();
    expect(await pressed()).toEqual(['true', 'true', 'true']);
    await memory.click({ modifiers: ['Control'] });
    expect(await pressed()).toEqual(['true', 'false', 'true']);
  });
});

describe('the custom range', () => {
  const SHANGHAI = { timezoneId: 'Asia/Shanghai' };

  test('refuses what is no window, each with its reason', async () => {
    const page = await stage.open('/?range=5m&lang=en', { context: SHANGHAI });
    await waitForCards(page, 'ready');
    await page.getByTestId('range-custom').click();
    const from = page.getByTestId('custom-from');
    const to = page.getByTestId('custom-to');
    const problem = page.getByRole('alert');
    const attempts = [
      ['', '2020-01-01T00:00:00', 'Enter when the range begins.'],
      ['2020-01-01T00:00:00', '', 'Enter when the range ends.'],
      ['2020-01-01T01:00:00', '2020-01-01T00:00:00', 'The range must begin before it ends.'],
      ['2020-01-01T00:00:00', '2090-01-01T00:00:00', 'The range cannot end in the future.'],
      ['2020-01-01T00:00:00', '2020-01-01T00:00:29', 'The range must be at least 30 seconds long.'],
      ['2020-01-01T00:00:00', '2020-01-16T00:00:01', 'The range must be at most 15 days long.'],
    ] as const;
    for (const [fromText, toText, message] of attempts) {
      await from.fill(fromText);
      await to.fill(toText);
      await page.getByTestId('custom-apply').click();
      await expect.poll(() => problem.allInnerTexts()).toContain(message);
      const isInvalid = page.locator('input[aria-invalid="true"]');
      expect(await isInvalid.count(), message).toBeGreaterThan(0);
    }
    expect(windowOf(page)).toBeUndefined();
    await page.keyboard.press('Escape');
    await from.waitFor({ state: 'detached' });
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('data-testid')).toBe('range-custom');
  });

  test('shows the window in the time zone of the reader', async () => {
    const { fromMs, toMs } = history.hourWindow(3);
    const page = await stage.open('/?range=5m&lang=en', { context: SHANGHAI });
    await waitForCards(page, 'ready');
    await page.getByTestId('range-custom').click();
    const local = (tMs: number) => new Date(tMs + 8 * 3_600_000).toISOString().slice(0, 19);
    await page.getByTestId('custom-from').fill(local(fromMs));
    await page.getByTestId('custom-to').fill(local(toMs));
    await page.getByTestId('custom-apply').click();
    await expect.poll(() => windowOf(page)).toEqual({ fromMs, toMs });
    await waitForDrawn(page, HOUR_STEPS);
    expect(await crosshairText(page, 'chart-signals')).toMatch(
      new RegExp(`^${local(toMs).slice(11, 19)}, CPU 85\\.5%`),
    );
  });
});

describe('a window without data', () => {
  test('says so on every card and jumps to the last figure', async () => {
    const fromMs = Date.now() - 10 * 86_400_000;
    const page = await stage.open(`/?from=${fromMs}&to=${fromMs + 3_600_000}&lang=en`);
    await waitForCards(page, 'empty');
    for (const chart of CHARTS.filter((id) => id !== 'chart-errors')) {
      expect(await page.getByTestId(chart).getAttribute('data-state')).toBe('empty');
    }
    const cpu = page.getByTestId('card-cpu');
    expect(await cpu.innerText()).toMatch(/No data · last at \d\d:\d\d/);
    await cpu.getByRole('button', { name: 'Jump to the last figure' }).click();
    await waitForCards(page, 'ready');
    const jumped = windowOf(page) ?? { fromMs: 0, toMs: 0 };
    expect(jumped.toMs - jumped.fromMs).toBe(3_600_000);
    await page.goBack();
    await waitForCards(page, 'empty');
    expect(await stepsOf(page, 'chart-signals')).toBe(HOUR_STEPS);
  });
});
