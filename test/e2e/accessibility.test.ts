import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { plotArea, waitForCards, waitForLive } from '../harness/overview.ts';
import { createStage } from '../harness/stage.ts';

// Figures each 5 s, so that the tables of five minutes stay short.
const stage = createStage({ variables: {} });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** WCAG 2.0 to 2.2 at the levels A and AA, and what the makers of axe advise. */
const RULES: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  // Of what passes one element is enough: it tells that the rules ran.
  resultTypes: ['violations'],
};

/** What axe finds on the page as it stands, or in one part of it: each violation with the elements that have it. */
async function violationsOf(page: Page, part = ':root'): Promise<string[]> {
  // As an expression of the debugger, since the page's own policy refuses scripts from elsewhere.
  await page.evaluate(AXE);
  const results = await page.evaluate(
    async ({ selector, options }) => {
      const { axe } = globalThis as unknown as {
        axe: { run(context: string, options: RunOptions): Promise<AxeResults> };
      };
      return axe.run(selector, options);
    },
    { selector: part, options: RULES },
  );
  expect(results.passes.length).toBeGreaterThan(5);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

const LOOKS = ['zh-CN', 'en'].flatMap((lang) =>
  ['light', 'dark'].map((theme) => ({ lang, theme })),
);

describe.each(LOOKS)('axe finds no violation in $lang, $theme', ({ lang, theme }) => {
  const path = `/?range=5m&lang=${lang}&theme=${theme}`;

  test('on the page, and with each of its dialogs open', async () => {
    const page = await stage.open(path);
    await waitForLive(page, 'live');
    await plotArea(page, 'chart-disk-io').waitFor();
    const found: Record<string, string[]> = { page: await violationsOf(page) };
    const dialogs = [
      ['Control+k', 'palette'],
      ['?', 'help'],
      ['5', 'custom-from'],
    ] as const;
    for (const [keys, testId] of dialogs) {
      await page.keyboard.press(keys);
      await page.getByTestId(testId).waitFor();
      found[testId] = await violationsOf(page, '[role="dialog"]');
      await page.keyboard.press('Escape');
      await page.getByTestId(testId).waitFor({ state: 'detached' });
    }
    await page.keyboard.press('v');
    await page.getByTestId('chart-disk-io').locator('table').waitFor();
    found['tables'] = await violationsOf(page, 'main');
    expect(found).toEqual({ page: [], palette: [], help: [], 'custom-from': [], tables: [] });
  });

  test('on a refused custom range, without data and with errors', async () => {
    const fromMs = Date.now() - 10 * 86_400_000;
    const page = await stage.open(`${path}&from=${fromMs}&to=${fromMs + 3_600_000}`, {
      allowFaults: true,
    });
    await waitForCards(page, 'empty');
    const found: Record<string, string[]> = { empty: await violationsOf(page) };
    await page.keyboard.press('5');
    await page.getByTestId('custom-from').fill('');
    await page.getByTestId('custom-apply').click();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    found['refused'] = await violationsOf(page, '[role="dialog"]');
    await page.keyboard.press('Escape');
    await page.route('**/api/v1/monitoring/overview*', (route) => route.abort());
    await page.getByTestId('range-6h').click();
    await waitForCards(page, 'error');
    await page.getByTestId('server-away').waitFor();
    found['error'] = await violationsOf(page);
    expect(found).toEqual({ empty: [], refused: [], error: [] });
  });
});

test.each([
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
])('axe finds no violation at $width x $height', async (viewport) => {
  const page = await stage.open('/?range=5m&lang=en', { context: { viewport, hasTouch: true } });
  await waitForLive(page, 'live');
  expect(await violationsOf(page)).toEqual([]);
});
