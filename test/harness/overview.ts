import { type Signal, SIGNALS } from '@hubpulse/api';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** The charts of the overview, by their test ids; `chart-errors` is the lane inside of `chart-requests`. */
export const CHARTS = [
  'chart-signals',
  'chart-cpu-by-host',
  'chart-response',
  'chart-requests',
  'chart-errors',
  'chart-network',
  'chart-disk-io',
] as const;

export type ChartId = (typeof CHARTS)[number];

/** The card of a signal. */
export const card = (page: Page, signal: Signal): Locator => page.getByTestId(`card-${signal}`);

/** The state of each card, in the order of the page. */
export function cardStates(page: Page): Promise<(string | null)[]> {
  return Promise.all(SIGNALS.map((signal) => card(page, signal).getAttribute('data-state')));
}

/** Waits until every card is in the state. */
export async function waitForCards(page: Page, state: string): Promise<void> {
  for (const signal of SIGNALS) {
    await page.locator(`[data-testid="card-${signal}"][data-state="${state}"]`).waitFor();
  }
}

/** Waits until the live chip is in the state. */
export function waitForLive(page: Page, state: string, timeout?: number): Promise<void> {
  return page
    .locator(`[data-testid="live"][data-state="${state}"]`)
    .waitFor(timeout === undefined ? {} : { timeout });
}

/** The figure of a card as it is written, number and unit. */
export const valueText = (page: Page, signal: Signal): Promise<string> =>
  card(page, signal).getByTestId('value').innerText();

/** The keyboard crosshair of a chart: a slider over its steps. */
export const crosshair = (page: Page, chart: ChartId): Locator =>
  page.getByTestId(chart).locator('input[type="range"]').first();

/** The area of a chart in which lines are drawn. */
export const plotArea = (page: Page, chart: ChartId): Locator =>
  page.getByTestId(chart).locator('.u-over').first();

/** What the crosshair of a chart reads, its time first; without a crosshair that is the newest step. */
export async function crosshairText(page: Page, chart: ChartId): Promise<string> {
  return (await crosshair(page, chart).getAttribute('aria-valuetext')) ?? '';
}

/** How many steps a chart has drawn. */
export async function stepsOf(page: Page, chart: ChartId): Promise<number> {
  return Number(await crosshair(page, chart).getAttribute('max')) + 1;
}

/** Waits until a chart has drawn so many steps. */
export async function waitForSteps(page: Page, chart: ChartId, steps: number): Promise<void> {
  await expect.poll(() => stepsOf(page, chart), { timeout: 10_000 }).toBe(steps);
}

/** Drags over a chart, between two shares of its width. */
export async function dragOver(
  page: Page,
  chart: ChartId,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { x, y, width, height } = await boxOf(plotArea(page, chart));
  await page.mouse.move(x + width * from, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * ((from + to) / 2), y + height / 2);
  await page.mouse.move(x + width * to, y + height / 2);
  await page.mouse.up();
}

/** Where an element stands, CSS pixels. */
export async function boxOf(
  element: Locator,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('got an element that is not drawn; want a visible one');
  return box;
}

/** Reads a parameter of the page's address. */
export const parameter = (page: Page, name: string): string | null =>
  new URL(page.url()).searchParams.get(name);

/** Leaves a mark in the page that a new load would wipe out. */
export async function markPage(page: Page): Promise<{ isThere(): Promise<boolean> }> {
  const mark = `mark-${Math.random()}`;
  await page.evaluate((name) => Object.assign(globalThis, { [name]: true }), mark);
  return { isThere: () => page.evaluate((name) => name in globalThis, mark) };
}
