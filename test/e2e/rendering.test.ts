import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  boxOf,
  card,
  CHARTS,
  parameter,
  plotArea,
  waitForCards,
  waitForLive,
} from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

const stage = createStage();

/** Records how far contents jumped while the page loaded, as Chromium measures it. */
const watchShifts = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const shifts = { sum: 0 };
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as unknown as {
          value: number;
          hadRecentInput: boolean;
        };
        if (!hadRecentInput) shifts.sum += value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });

const shiftOf = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { shifts: { sum: number } }).shifts.sum);

/** Waits until every chart in view has drawn something. */
async function waitForDrawings(page: Page): Promise<void> {
  for (const chart of CHARTS) await plotArea(page, chart).waitFor();
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

describe('a normal session', () => {
  test('writes no error, breaks no policy and stays with its server', async () => {
    // What `open` watches fails the test after it; here the page is led through everything that loads something.
    const page = await stage.open('/?range=5m');
    const violations = page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const seen: string[] = [];
          document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
            seen.push(violatedDirective),
          );
          globalThis.addEventListener('end-of-session', () => resolve(seen));
        }),
    );
    await waitForLive(page, 'live');
    for (const key of ['4', 't', 'l', 'v', 'v', '1', '[', '+', '-', ']', '0', 'c', 'p', 'p']) {
      await page.keyboard.press(key);
    }
    for (const [keys, testId] of [
      ['Control+k', 'palette'],
      ['?', 'help'],
      ['5', 'custom-from'],
    ] as const) {
      await page.keyboard.press(keys);
      await page.getByTestId(testId).waitFor();
      await page.keyboard.press('Escape');
      await page.getByTestId(testId).waitFor({ state: 'detached' });
    }
    await waitForCards(page, 'ready');
    await page.evaluate(() => globalThis.dispatchEvent(new Event('end-of-session')));
    expect(await violations).toEqual([]);
  });

  test('has a policy that lets nothing in from elsewhere', async () => {
    const page = await stage.open('/', { allowFaults: true });
    const response = await page.request.get(stage.url('/'), { headers: { accept: 'text/html' } });
    expect(response.headers()['content-security-policy']).toContain("default-src 'self'");
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.intruder = true';
      document.body.append(script);
      return 'intruder' in globalThis;
    });
    expect(ran).toBe(false);
  });
});

describe('loading', () => {
  test.each([
    { name: 'with figures in the page', path: '/?range=5m&lang=en' },
    { name: 'in Chinese', path: '/?range=1h&lang=zh-CN&theme=dark' },
    { name: 'with figures that have to be asked for', path: '/?range=never&lang=en' },
  ])('moves nothing that was already drawn: $name', async ({ path }) => {
    const page = await stage.open(path, { before: watchShifts });
    await waitForCards(page, 'ready');
    await waitForDrawings(page);
    expect(await shiftOf(page)).toBeLessThan(0.02);
  });

  test('moves nothing on a small screen either', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      before: watchShifts,
      context: { viewport: { width: 390, height: 844 } },
    });
    await waitForCards(page, 'ready');
    await plotArea(page, 'chart-signals').waitFor();
    expect(await shiftOf(page)).toBeLessThan(0.02);
  });
});

/** Boxes that are wider than what is around them, by more than a pixel of rounding. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth } = document.documentElement;
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.checkVisibility({ opacityProperty: true }))
      .filter((element) => element.closest('.sr-only, canvas, [role="img"]') === null)
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => element.outerHTML.slice(0, 160));
  });

const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() =>
    [document.documentElement, document.querySelector('main')].some(
      (element) => element !== null && element.scrollWidth > element.clientWidth,
    ),
  );

describe('a small screen', () => {
  test.each([
    { width: 360, height: 740, lang: 'en' },
    { width: 360, height: 740, lang: 'zh-CN' },
    { width: 390, height: 844, lang: 'en' },
    { width: 768, height: 1024, lang: 'en' },
    { width: 1024, height: 768, lang: 'zh-CN' },
  ])('of $width x $height in $lang needs no scrolling sideways', async ({ lang, ...viewport }) => {
    const page = await stage.open(`/?range=5m&lang=${lang}`, { context: { viewport } });
    await waitForCards(page, 'ready');
    expect(await scrollsSideways(page)).toBe(false);
    expect(await overflowing(page)).toEqual([]);
    // A fixed window is the longest text of the top bar.
    await page.keyboard.press('[');
    await waitForLive(page, 'paused');
    expect(await scrollsSideways(page)).toBe(false);
    expect(await overflowing(page)).toEqual([]);
  });

  test.each([
    { width: 390, height: 844 },
    { width: 768, height: 1024 },
  ])('of $width x $height shows every chart and takes taps', async (viewport) => {
    const page = await stage.open('/?range=5m&lang=en', {
      context: { viewport, hasTouch: true, isMobile: true },
    });
    await waitForCards(page, 'ready');
    for (const chart of CHARTS) {
      // A chart is drawn when it is first seen.
      await page.getByTestId(chart).scrollIntoViewIfNeeded();
      await plotArea(page, chart).waitFor();
      expect((await boxOf(plotArea(page, chart))).width, chart).toBeGreaterThan(200);
    }
    await page.getByTestId('range-1h').tap();
    await expect.poll(() => parameter(page, 'range')).toBe('1h');
    await page.getByTestId('theme').tap();
    await expect.poll(() => parameter(page, 'theme')).toBe('dark');
    await page.getByTestId('range-custom').tap();
    const { x, width } = await boxOf(page.getByTestId('custom-apply'));
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(viewport.width);
  });

  test('reaches palette and help without a keyboard, and hides nothing behind its bar', async () => {
    const page = await stage.open('/?range=5m&lang=en', {
      context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    });
    await waitForCards(page, 'ready');
    const bar = page.getByRole('navigation', { name: 'Main navigation' });
    const last = page.getByTestId('chart-disk-io');
    await last.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
    const { y, height } = await boxOf(last);
    expect(y + height).toBeLessThanOrEqual((await boxOf(bar)).y);
    await bar.getByRole('button', { name: 'Commands' }).tap();
    await page.getByTestId('palette').waitFor();
    await page.getByRole('option', { name: 'Show keyboard shortcuts' }).tap();
    await page.getByTestId('help').waitFor();
  });
});

describe('a reader who prefers less motion', () => {
  const animations = (page: Page): Promise<number> =>
    page.evaluate(() => document.getAnimations().length);

  test('sees no animation, where others see the live stream beat', async () => {
    const still = await stage.open('/?range=5m&lang=en', { context: { reducedMotion: 'reduce' } });
    await waitForLive(still, 'live');
    expect(await animations(still)).toBe(0);
    const moving = await stage.open('/?range=5m&lang=en');
    await waitForLive(moving, 'live');
    await expect.poll(() => animations(moving)).toBeGreaterThan(0);
  });
});

describe('the whole overview', () => {
  test('fits a screen of 1440 x 900 without scrolling', async () => {
    const page = await stage.open('/?range=5m&lang=en');
    await waitForCards(page, 'ready');
    const main = page.locator('main');
    expect(await main.evaluate((one) => one.scrollHeight - one.clientHeight)).toBe(0);
    for (const chart of CHARTS) {
      const { y, height } = await boxOf(plotArea(page, chart));
      expect(height, chart).toBeGreaterThan(25);
      expect(y + height, chart).toBeLessThanOrEqual(900);
    }
    const cpu = await boxOf(card(page, 'cpu'));
    expect(cpu.height).toBeGreaterThan(80);
  });
});
