import { OVERVIEW_POINTS } from '@hubpulse/api';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createHistory } from '../harness/history.ts';
import {
  crosshair,
  crosshairText,
  markPage,
  parameter,
  plotArea,
  waitForCards,
  waitForLive,
  waitForSteps,
} from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';
import { readTexts } from '../harness/visible-texts.ts';

const history = createHistory();
const stage = createStage({ prepare: history.write });

const LIGHT = 'rgb(246, 247, 249)';
const DARK = 'rgb(10, 12, 15)';

const background = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.body).backgroundColor);

const language = (page: Page): Promise<string> =>
  page.evaluate(() => document.documentElement.lang);

/** What a chart's canvas shows, to be compared. */
const drawingOf = (page: Page): Promise<string> =>
  page
    .getByTestId('chart-signals')
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

const pressedRange = async (page: Page): Promise<string> => {
  const pressed = page.locator('[data-testid^="range-"][aria-pressed="true"]');
  return (await pressed.getAttribute('data-testid')) ?? '';
};

/** A fixed hour: nothing on the page moves by itself. */
const fixedHour = (): string => {
  const { fromMs, toMs } = history.hourWindow(1);
  return `from=${fromMs}&to=${toMs}`;
};

/** Words that are the same in Chinese: names, standards, units, and hosts. */
const SAME_IN_CHINESE =
  /\b(?:Hubpulse|CPU|API|P50|P95|P99|[2345]xx|ms|s|[kMG]?B|Ctrl|K|UTC|alpha|beta|Esc|JSON)\b/g;

/** The texts of a Chinese page that hold words which are not Chinese; charts follow a switch one a frame. */
const foreignTexts = async (page: Page): Promise<string[]> =>
  (await readTexts(page)).filter((text) => /[a-z]{2,}/i.test(text.replaceAll(SAME_IN_CHINESE, '')));

describe('the language switch', () => {
  test('changes every text, the title, the document and the address, without a reload', async () => {
    const page = await stage.open(`/?${fixedHour()}&lang=en`);
    await waitForCards(page, 'ready');
    const mark = await markPage(page);
    const english = await readTexts(page);
    expect(english.length).toBeGreaterThan(60);
    // The button names the other language in that language.
    expect(english.filter((text) => /\p{Script=Han}/u.test(text))).toEqual(['切换到中文']);
    expect(await page.title()).toBe('Overview · Hubpulse');

    await page.getByTestId('lang').click();
    await expect.poll(() => language(page)).toBe('zh-CN');
    await expect.poll(() => parameter(page, 'lang')).toBe('zh-CN');
    expect(await page.title()).toBe('总览 · Hubpulse');
    await expect.poll(() => foreignTexts(page)).toEqual(['Switch to English']);
    expect(await mark.isThere()).toBe(true);
  });

  test.each([
    { name: 'the palette', key: 'Control+k', testId: 'palette' },
    { name: 'the help', key: '?', testId: 'help' },
    { name: 'the custom range', key: '5', testId: 'custom-from' },
  ])('reaches $name', async ({ key, testId }) => {
    const page = await stage.open(`/?${fixedHour()}&lang=zh-CN`);
    await waitForCards(page, 'ready');
    await page.keyboard.press(key);
    await page.getByTestId(testId).waitFor();
    await expect.poll(() => foreignTexts(page)).toEqual(['Switch to English']);
  });

  test('follows the browser where nobody chose', async () => {
    const chinese = await stage.open('/', { context: { locale: 'zh-TW' } });
    const french = await stage.open('/', { context: { locale: 'fr-FR' } });
    await Promise.all([waitForCards(chinese, 'ready'), waitForCards(french, 'ready')]);
    expect([await language(chinese), await language(french)]).toEqual(['zh-CN', 'en']);
  });
});

describe('the theme switch', () => {
  test('changes the background, the charts and the address, without a reload', async () => {
    const page = await stage.open(`/?${fixedHour()}&theme=light`);
    await waitForCards(page, 'ready');
    await plotArea(page, 'chart-signals').waitFor();
    const mark = await markPage(page);
    expect(await background(page)).toBe(LIGHT);
    const light = await drawingOf(page);

    await page.getByTestId('theme').click();
    await expect.poll(() => background(page)).toBe(DARK);
    await expect.poll(() => drawingOf(page)).not.toBe(light);
    expect(parameter(page, 'theme')).toBe('dark');

    await page.getByTestId('theme').click();
    await expect.poll(() => background(page)).toBe(LIGHT);
    await expect.poll(() => drawingOf(page)).toBe(light);
    expect(await mark.isThere()).toBe(true);
  });

  test('follows the system where nobody chose', async () => {
    const page = await stage.open('/', { context: { colorScheme: 'dark' } });
    await waitForCards(page, 'ready');
    expect(await background(page)).toBe(DARK);
  });
});

describe('the range switch', () => {
  test('asks the API for the range and draws it, without a reload', async () => {
    const page = await stage.open('/?range=5m&lang=en');
    await waitForLive(page, 'live');
    const mark = await markPage(page);
    for (const range of ['1h', '6h', '24h'] as const) {
      const asked = page.waitForRequest(
        (request) => new URL(request.url()).searchParams.get('range') === range,
      );
      await page.getByTestId(`range-${range}`).click();
      await asked;
      await expect.poll(() => parameter(page, 'range')).toBe(range);
      await expect.poll(() => pressedRange(page)).toBe(`range-${range}`);
      const { lines, stepMs } = await stage.api.overview({ range }, OVERVIEW_POINTS);
      await waitForSteps(page, 'chart-signals', lines[0]?.values.length ?? 0);
      await waitForSteps(page, 'chart-network', lines[0]?.values.length ?? 0);
      // From the first to the last step there is one step less than steps.
      const spanMs = ((lines[0]?.values.length ?? 0) - 1) * stepMs;
      expect(Math.abs((await spanOf(page)) - spanMs)).toBeLessThanOrEqual(stepMs);
    }
    expect(await mark.isThere()).toBe(true);
  });
});

/** The time from the first to the last step of a chart, milliseconds, as its crosshair tells it. */
async function spanOf(page: Page): Promise<number> {
  const slider = crosshair(page, 'chart-signals');
  const timeAt = async (key: string): Promise<number> => {
    await slider.press(key);
    const [text = ''] = (await crosshairText(page, 'chart-signals')).split(', CPU');
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000;
  };
  const firstMs = await timeAt('Home');
  const lastMs = await timeAt('End');
  await page.keyboard.press('Escape');
  await page.getByTestId('live').focus();
  return lastMs > firstMs ? lastMs - firstMs : lastMs - firstMs + 86_400_000;
}

describe('what was chosen', () => {
  test('stays after a reload', async () => {
    const page = await stage.open('/');
    await waitForCards(page, 'ready');
    await page.getByTestId('lang').click();
    await page.getByTestId('theme').click();
    await page.getByTestId('range-6h').click();
    await expect.poll(() => parameter(page, 'range')).toBe('6h');
    await page.reload();
    await waitForCards(page, 'ready');
    expect(await language(page)).toBe('zh-CN');
    expect(await background(page)).toBe(DARK);
    expect(await pressedRange(page)).toBe('range-6h');
  });

  test('is remembered for an address that leaves it open, language and theme alike', async () => {
    const page = await stage.open('/');
    await waitForCards(page, 'ready');
    await page.getByTestId('lang').click();
    await page.getByTestId('theme').click();
    await expect.poll(() => background(page)).toBe(DARK);
    await page.goto(stage.url('/'));
    await waitForCards(page, 'ready');
    expect(await language(page)).toBe('zh-CN');
    expect(await background(page)).toBe(DARK);
  });

  test('is undone by Back as far as it was a window of time', async () => {
    const page = await stage.open('/?range=5m');
    await waitForCards(page, 'ready');
    await page.getByTestId('range-24h').click();
    await expect.poll(() => parameter(page, 'range')).toBe('24h');
    await page.getByTestId('theme').click();
    await page.goBack();
    await expect.poll(() => pressedRange(page)).toBe('range-5m');
  });
});

describe('an address', () => {
  test('opens the range, the zoom, the language and the theme that it names', async () => {
    const { fromMs, toMs } = history.hourWindow(2);
    const search = `?range=6h&from=${fromMs}&to=${toMs}&lang=zh-CN&theme=dark`;
    const page = await stage.open(`/${search}`);
    await waitForCards(page, 'ready');
    expect(await language(page)).toBe('zh-CN');
    expect(await background(page)).toBe(DARK);
    expect(await pressedRange(page)).toBe('range-custom');
    await waitForSteps(page, 'chart-signals', (toMs - fromMs) / 5_000);
    expect(new URL(page.url()).search).toBe(search);
    expect(await page.getByTestId('live').getAttribute('data-state')).toBe('paused');
  });

  test('is copied as it is now, fixed in time', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      context: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    await waitForLive(page, 'live');
    await page.keyboard.press('c');
    await page.getByText(/^Link copied, fixed to /).waitFor();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    const [fromMs, toMs] = [link.searchParams.get('from'), link.searchParams.get('to')].map(Number);
    expect((toMs ?? 0) - (fromMs ?? 0)).toBe(300_000);
    await page.goto(link.href);
    await waitForCards(page, 'ready');
    expect(await pressedRange(page)).toBe('range-custom');
  });

  test.each([
    { name: 'unknown words', search: '?range=7d&lang=fr&theme=neon' },
    { name: 'no instants', search: '?from=abc&to=-1' },
    { name: 'half a window', search: '?from=1700000000000' },
    { name: 'an end before its start', search: '?from=1700000600000&to=1700000000000' },
    { name: 'garbage', search: '?range=%00&lang=%FF&theme[]=dark&from=1e99&to=NaN' },
    { name: 'far too much', search: `?range=${'x'.repeat(4000)}` },
  ])('with $name falls back to what holds without it', async ({ search }) => {
    const page = await stage.open(`/${search}`);
    await waitForCards(page, 'ready');
    expect(await pressedRange(page)).toBe('range-1h');
    expect(await language(page)).toBe('en');
    expect(await background(page)).toBe(LIGHT);
    await waitForLive(page, 'live');
  });

  test('of no page says so, and leads to the overview', async () => {
    const page = await stage.open('/nowhere?lang=en');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('link', { name: 'Go to the overview' }).click();
    await waitForCards(page, 'ready');
    expect(new URL(page.url()).pathname).toBe('/');
  });
});
