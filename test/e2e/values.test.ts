import { type Overview, OVERVIEW_POINTS, type Signal, SIGNALS, type Unit } from '@hubpulse/api';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { expectFigure } from '../harness/figure-text.ts';
import { createHistory, figuresOfHour, GAP_HOUR } from '../harness/history.ts';
import {
  card,
  type ChartId,
  crosshair,
  crosshairText,
  valueText,
  waitForCards,
  waitForSteps,
} from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

const history = createHistory();
const stage = createStage({ variables: {}, prepare: history.write });

const UNITS: Readonly<Record<Signal, Unit>> = {
  cpu: 'percent',
  memory: 'percent',
  disk: 'percent',
  response_time: 'milliseconds',
  error_rate: 'percent',
};

/** The signals as the feed of the dashboard names them. */
const FEED_KEYS = {
  cpu: 'cpu',
  memory: 'memory',
  disk: 'disk',
  response_time: 'responseTime',
  error_rate: 'errorRate',
} as const;

/** The signals as the history names them. */
const MEASURED_KEYS = {
  cpu: 'cpu',
  memory: 'memory',
  disk: 'disk',
  response_time: 'responseMs',
  error_rate: 'errorPercent',
} as const;

/** How the levels are called; a response time has words of its own. */
const WORDS: Readonly<Record<string, RegExp>> = {
  ok: /^Normal$/,
  warning: /^(?:Elevated|Slow)$/,
  critical: /^(?:High|Very slow)$/,
};

/** What each entry of a legend stands for, by its English name. */
const LEGENDS: Readonly<Partial<Record<ChartId, Readonly<Record<string, string>>>>> = {
  'chart-signals': { CPU: 'cpu', Memory: 'memory', Disk: 'disk' },
  'chart-cpu-by-host': { alpha: 'cpu_by_host:alpha', beta: 'cpu_by_host:beta' },
  'chart-response': {
    P50: 'response_time.p50',
    P95: 'response_time.p95',
    P99: 'response_time.p99',
  },
  'chart-requests': { '2xx': 'requests.2xx', '4xx': 'requests.4xx', '5xx errors': 'requests.5xx' },
  'chart-network': { Received: 'network.receive', Sent: 'network.transmit' },
  'chart-disk-io': { Read: 'disk_io.read', Written: 'disk_io.write' },
};

/** Opens the page on one hour of the history, with the answer of the API for the same hour. */
async function openHour(hoursBack: number): Promise<{ page: Page; overview: Overview }> {
  const window = history.hourWindow(hoursBack);
  const page = await stage.open(`/?from=${window.fromMs}&to=${window.toMs}&lang=en`);
  await waitForCards(page, 'ready');
  return { page, overview: await stage.api.overview(window, OVERVIEW_POINTS) };
}

const lineOf = ({ lines }: Overview, id: string) => lines.find((line) => line.id === id);

const lastOf = (values: readonly (number | null)[] = []) => values.findLast((v) => v !== null);

/** What the cards and legends of an hour have to show, beside the figures themselves. */
const HOURS = [
  {
    hoursBack: 0,
    levels: ['ok', 'warning', 'ok', 'ok', 'ok'],
    changes: { cpu: /^Unchanged /, disk: /^Unchanged / },
  },
  {
    hoursBack: 1,
    levels: ['warning', 'critical', 'ok', 'warning', 'warning'],
    changes: { cpu: /^up 25% /, error_rate: /^0 / },
  },
  {
    hoursBack: 2,
    levels: ['ok', 'warning', 'ok', 'warning', 'ok'],
    changes: { cpu: /^down 53% /, disk: /^down 88% / },
  },
  {
    hoursBack: 3,
    levels: ['critical', 'ok', 'critical', 'critical', 'critical'],
    changes: { cpu: /^up 328% /, response_time: /^up >999% / },
  },
  {
    hoursBack: GAP_HOUR - 1,
    levels: ['warning', 'critical', 'ok', 'warning', 'warning'],
    changes: { cpu: /^No data/, disk: /^No data/ },
  },
];

describe.each(HOURS)('a page on hour $hoursBack of the past', ({ hoursBack, levels, changes }) => {
  test('shows, judges and compares the figures of the API', async () => {
    const { page, overview } = await openHour(hoursBack);
    const { data } = await stage.api.monitoringMetrics(history.hourWindow(hoursBack));
    for (const [i, signal] of SIGNALS.entries()) {
      const key = FEED_KEYS[signal];
      const value = lastOf(data.map((point) => point[key]));
      expect(value).toBeCloseTo(figuresOfHour(hoursBack)[MEASURED_KEYS[signal]], 3);
      expectFigure(await valueText(page, signal), { value, unit: UNITS[signal] });
      expect(await card(page, signal).getAttribute('data-level'), signal).toBe(levels[i]);
    }
    for (const [signal, text] of Object.entries(changes)) {
      const lines = await card(page, signal as Signal)
        .locator('p')
        .allInnerTexts();
      expect(lines.at(-1)?.replaceAll(/\s+/g, ' ')).toMatch(text);
    }
    for (const [chart, names] of Object.entries(LEGENDS)) {
      const entries = page.getByTestId(chart).locator('ul button');
      await expect.poll(() => entries.count(), { message: chart }).toBe(Object.keys(names).length);
      for (const [name, id] of Object.entries(names)) {
        const line = lineOf(overview, id);
        const value = lastOf(line?.values);
        expect(value, id).toBeTypeOf('number');
        const readOut = entries.filter({ hasText: name }).locator('span').last();
        await expect.poll(() => readOut.innerText(), { message: chart }).not.toBe('');
        expectFigure(await readOut.innerText(), { value, unit: line?.unit ?? 'percent' });
      }
    }
  });
});

describe('the cards', () => {
  test('write numbers and units as people read them', async () => {
    const { page } = await openHour(1);
    const texts = await Promise.all(SIGNALS.map((signal) => valueText(page, signal)));
    expect(texts).toEqual(['50.0%', '80.0%', '12.0%', '2.50s', '6.00%']);
  });

  test('say the level in a word, each in a colour of its own', async () => {
    const colours = new Map<string, string>();
    for (const hoursBack of [1, 3]) {
      const { page } = await openHour(hoursBack);
      for (const signal of SIGNALS) {
        const pill = card(page, signal).getByTestId('level');
        const colour = await pill.evaluate((element) => getComputedStyle(element).color);
        const level = (await card(page, signal).getAttribute('data-level')) ?? '';
        expect(await pill.innerText()).toMatch(WORDS[level] ?? /never/);
        colours.set(level, colour);
      }
    }
    expect(colours.size).toBe(3);
    expect(new Set(colours.values()).size).toBe(3);
  });
});

describe('the charts', () => {
  test('hold the figures of the API in their tables, a gap as a gap', async () => {
    const { fromMs } = history.hourWindow(GAP_HOUR);
    // The last ten minutes before the gap and the first ten of it.
    const window = { fromMs: fromMs - 600_000, toMs: fromMs + 600_000 };
    const page = await stage.open(`/?from=${window.fromMs}&to=${window.toMs}&lang=en`);
    await waitForCards(page, 'ready');
    await page.keyboard.press('v');
    const overview = await stage.api.overview(window, OVERVIEW_POINTS);
    for (const chart of ['chart-signals', 'chart-network'] as const) {
      const rows = page.getByTestId(chart).locator('tbody tr');
      const texts = await rows.evaluateAll((trs) =>
        trs.map((tr) => [...tr.querySelectorAll('td')].map((td) => td.innerText)),
      );
      const ids = Object.values(LEGENDS[chart] ?? {});
      const lines = ids.map((id) => lineOf(overview, id));
      expect(texts.length).toBeGreaterThan(100);
      for (const [row, cells] of texts.entries()) {
        for (const [i, text] of cells.entries()) {
          const { values = [], unit = 'percent' } = lines[i] ?? {};
          expectFigure(text, { value: values.at(-1 - row), unit });
        }
      }
      expect(new Set(texts.map(([first]) => first)).has('—')).toBe(true);
    }
  });

  test('tell the newest, lowest and highest figure in a sentence', async () => {
    const { page } = await openHour(1);
    const image = page.getByTestId('chart-signals').getByRole('img');
    await expect
      .poll(() => image.getAttribute('aria-label'))
      .toBe(
        'System resources: CPU: latest 50.0%, lowest 50.0%, highest 50.0%; ' +
          'Memory: latest 80.0%, lowest 80.0%, highest 80.0%; Disk: latest 12.0%, lowest 12.0%, highest 12.0%',
      );
  });

  test('open on a whole day, with the day before to compare', async () => {
    const page = await stage.open('/?range=24h&lang=en');
    await waitForCards(page, 'ready');
    const overview = await stage.api.overview({ range: '24h' }, OVERVIEW_POINTS);
    await waitForSteps(page, 'chart-signals', lineOf(overview, 'cpu')?.values.length ?? 0);
    expect(overview.stepMs * OVERVIEW_POINTS).toBeGreaterThanOrEqual(86_400_000);
    await crosshair(page, 'chart-signals').press('Home');
    await crosshair(page, 'chart-signals').press('Home');
    expect(await crosshairText(page, 'chart-signals')).toMatch(
      /^\d\d:\d\d, CPU [\d.]+%, Memory [\d.]+%, Disk [\d.]+%$/,
    );
    const change = card(page, 'cpu').getByTestId('change');
    await expect.poll(() => change.innerText()).toMatch(/\d%$/);
  });
});
