import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { crosshair, parameter, waitForCards, waitForLive } from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

const stage = createStage();

const open = async (path = '/?range=5m&lang=en&theme=light'): Promise<Page> => {
  const page = await stage.open(path);
  await waitForLive(page, 'live');
  return page;
};

describe('the command palette', () => {
  test.each(['Control+k', 'Meta+k'])('opens by %s, finds a command and runs it', async (keys) => {
    const page = await open();
    await page.keyboard.press(keys);
    const palette = page.getByTestId('palette');
    await palette.waitFor();
    await page.keyboard.type('dark');
    const options = palette.getByRole('option');
    await expect.poll(() => options.allInnerTexts()).toEqual([expect.stringMatching(/dark/)]);
    await page.keyboard.press('Enter');
    await expect.poll(() => parameter(page, 'theme')).toBe('dark');
    await palette.waitFor({ state: 'detached' });
  });

  test('walks by arrows, and says when nothing matches', async () => {
    const page = await open();
    await page.keyboard.press('Control+k');
    const palette = page.getByTestId('palette');
    const selected = palette.locator('[role="option"][aria-selected="true"]');
    await expect.poll(() => selected.innerText()).toContain('Last 5 minutes');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => selected.innerText()).toContain('Last hour');
    await page.keyboard.type('qqqq');
    await palette.getByText('No command matches').waitFor();
    await page.keyboard.press('Escape');
    await palette.waitFor({ state: 'detached' });
  });

  test('finds Chinese commands by Chinese words', async () => {
    const page = await open('/?range=5m&lang=zh-CN');
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette').waitFor();
    await page.keyboard.insertText('24 小时');
    await page.keyboard.press('Enter');
    await expect.poll(() => parameter(page, 'range')).toBe('24h');
  });
});

describe('single keys', () => {
  test('choose the range', async () => {
    const page = await open();
    for (const [key, range] of Object.entries({ 2: '1h', 3: '6h', 4: '24h', 1: '5m' })) {
      await page.keyboard.press(key);
      await expect.poll(() => parameter(page, 'range')).toBe(range);
    }
  });

  test('switch theme, language, tables and the live stream', async () => {
    const page = await open();
    await page.keyboard.press('t');
    await expect.poll(() => parameter(page, 'theme')).toBe('dark');
    await page.keyboard.press('L');
    await expect.poll(() => parameter(page, 'lang')).toBe('zh-CN');
    await page.keyboard.press('v');
    await expect.poll(() => page.getByTestId('chart-signals').locator('table').count()).toBe(1);
    await page.keyboard.press('v');
    await expect.poll(() => page.getByTestId('chart-signals').locator('table').count()).toBe(0);
    await page.keyboard.press('p');
    await waitForLive(page, 'paused');
    await page.keyboard.press('p');
    await waitForLive(page, 'live');
  });

  test('move and zoom the window, and 0 returns to where it began', async () => {
    const page = await open();
    await page.keyboard.press('[');
    await waitForLive(page, 'paused');
    const shifted = Number(parameter(page, 'to')) - Number(parameter(page, 'from'));
    expect(shifted).toBe(300_000);
    await page.keyboard.press('+');
    await expect
      .poll(() => Number(parameter(page, 'to')) - Number(parameter(page, 'from')))
      .toBe(150_000);
    await page.keyboard.press('0');
    await waitForLive(page, 'live');
    expect(parameter(page, 'from')).toBeNull();
  });

  test('are listed by ?, which Escape closes', async () => {
    const page = await open();
    await page.keyboard.press('?');
    const help = page.getByTestId('help');
    await help.waitFor();
    expect(await help.innerText()).toContain('Pause or resume live updates');
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
  });

  test('are text where text is typed', async () => {
    const page = await open();
    const before = page.url();
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette').waitFor();
    await page.keyboard.type('t1l?p');
    expect(await page.getByPlaceholder('Type a command…').inputValue()).toBe('t1l?p');
    await page.keyboard.press('Escape');
    await page.keyboard.press('5');
    await page.getByTestId('custom-from').focus();
    await page.keyboard.type('4t');
    await page.getByTestId('custom-apply').focus();
    await page.keyboard.press('t');
    expect(page.url()).toBe(before);
    expect(await page.getByTestId('live').getAttribute('data-state')).toBe('live');
  });

  test('leave the combinations of the browser alone', async () => {
    const page = await open();
    for (const keys of ['Control+1', 'Alt+t', 'Control+t', 'Meta+l']) {
      await page.keyboard.press(keys);
    }
    expect(parameter(page, 'range')).toBe('5m');
    expect(parameter(page, 'theme')).toBe('light');
    expect(parameter(page, 'lang')).toBe('en');
  });

  test('can be switched off for good, the palette apart, and on again', async () => {
    const page = await open();
    await page.keyboard.press('?');
    await page.getByTestId('letter-keys').click();
    await page.keyboard.press('Escape');
    await page.getByTestId('help').waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await page.keyboard.press('4');
    await page.reload();
    await waitForLive(page, 'live');
    await page.keyboard.press('t');
    expect(parameter(page, 'theme')).toBe('light');
    expect(parameter(page, 'range')).toBe('5m');
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette').waitFor();
    await page.keyboard.type('keyboard shortcuts');
    await page.keyboard.press('Enter');
    await page.getByTestId('letter-keys').click();
    await page.keyboard.press('Escape');
    await page.getByTestId('help').waitFor({ state: 'detached' });
    await page.keyboard.press('t');
    await expect.poll(() => parameter(page, 'theme')).toBe('dark');
  });
});

/** Names an element in a message, and whether its focus can be seen. */
interface Stop {
  readonly name: string;
  readonly hasRing: boolean;
}

/** The element that has the focus; a chart's slider shows it on the drawing beside it. */
const focusedStop = (page: Page): Promise<Stop | null> =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    const isSlider = element instanceof HTMLInputElement && element.type === 'range';
    const shown = isSlider ? element.parentElement?.querySelector('[role="img"]') : element;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown ?? element);
    return {
      name: (element.getAttribute('aria-label') ?? element.textContent ?? '').trim(),
      hasRing: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
    };
  });

/** A legend's last figure may still arrive while the keys are pressed. */
const withoutFigures = (name: string): string => name.replaceAll(/[<\d][\d.,]*\s?\S*/g, '#');

describe('the Tab key', () => {
  test('reaches everything that can be used, each with a visible focus', async () => {
    const page = await open('/?range=5m&lang=en');
    // While paused nothing appears or goes away between two presses.
    await page.keyboard.press('p');
    await waitForLive(page, 'paused');
    const wanted = await page
      .locator('a[href], button, input, select, textarea, [tabindex="0"]')
      .evaluateAll((all) =>
        all
          .filter((element) => element.checkVisibility())
          .map((element) =>
            (element.getAttribute('aria-label') ?? element.textContent ?? '').trim(),
          ),
      );
    const reached: Stop[] = [];
    for (let presses = 0; presses < wanted.length + 5; presses++) {
      await page.keyboard.press('Tab');
      const stop = await focusedStop(page);
      if (stop === null) break;
      reached.push(stop);
    }
    expect(wanted.length).toBeGreaterThan(25);
    const names = reached.map(({ name }) => withoutFigures(name));
    expect(names.toSorted()).toEqual(wanted.map((name) => withoutFigures(name)).toSorted());
    expect(reached.filter(({ hasRing }) => !hasRing)).toEqual([]);
  });

  test('first offers to skip to the content', async () => {
    const page = await open('/?range=5m&lang=en');
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to main content' });
    expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true);
    const box = await skip.boundingBox();
    expect(box?.width ?? 0).toBeGreaterThan(40);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main')?.id)).toBe('main');
  });

  test('stays inside an open dialog, which gives the focus back', async () => {
    const page = await open('/?range=5m&lang=en');
    const opener = page.locator('aside').getByRole('button', { name: /shortcuts/i });
    await opener.focus();
    await page.keyboard.press('Enter');
    const help = page.getByTestId('help');
    await help.waitFor();
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press('Tab');
      expect(await help.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
    }
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await expect.poll(() => opener.evaluate((one) => one === document.activeElement)).toBe(true);
  });
});

describe('the crosshair of a chart', () => {
  test('reads out each step by arrow keys, and leaves the page its letters', async () => {
    const page = await stage.open('/?range=5m&lang=en&theme=light');
    await waitForCards(page, 'ready');
    await page.keyboard.press('p');
    await waitForLive(page, 'paused');
    const slider = crosshair(page, 'chart-signals');
    await slider.focus();
    await page.keyboard.press('End');
    const last = await slider.getAttribute('aria-valuetext');
    await page.keyboard.press('ArrowLeft');
    const before = await slider.getAttribute('aria-valuetext');
    expect(before).not.toBe(last);
    expect(before).toMatch(/^\d\d:\d\d:\d\d, CPU .+, Memory .+, Disk .+$/);
    await page.keyboard.press('t');
    await expect.poll(() => parameter(page, 'theme')).toBe('dark');
  });
});
