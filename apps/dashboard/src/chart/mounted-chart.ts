import { formatFigure, NO_FIGURE } from '../format/figure.ts';
import { createTimeFormat } from '../format/time.ts';
import type { LiveWindow, WindowSnapshot } from '../live/live-window.ts';
import type { ChartLine, TimeChartProps } from './chart-props.ts';
import { type ChartColumns, type Column, columnsOf, lastIndexOf } from './columns.ts';
import { type Crosshair, moveCrosshair, NO_CROSSHAIR } from './crosshair.ts';
import { createPlot, type Plot } from './plot.ts';
import type { RedrawQueue } from './redraw-queue.ts';
import { chartSummary } from './summary.ts';

/** The elements of a chart that change without React. */
export interface ChartElements {
  /** Holds the drawing and its accessible sentence. */
  readonly host: HTMLElement;
  /** The keyboard crosshair: its value is the step that it stands on. */
  readonly slider: HTMLInputElement;
  /** Shown when there is nothing to draw. */
  readonly empty: HTMLElement;
  /** Where the value of each line is written, by its id. */
  readonly readouts: ReadonlyMap<string, HTMLElement>;
}

/** A chart that follows its window. */
export interface MountedChart {
  /** Draws in the colours that the page now has. */
  setTheme(theme: TimeChartProps['theme']): void;
  /** Takes a key press of the crosshair; whether it meant something. */
  press(event: { readonly key: string; readonly shiftKey: boolean }): boolean;
  /** Moves the keyboard crosshair to a step, as assistive technology does without a key. */
  moveTo(index: number): void;
  /** Takes the keyboard crosshair away. */
  leave(): void;
  destroy(): void;
}

/** The accessible sentence is not rewritten more often than this, or a screen reader would never come to an end. */
const SENTENCE_INTERVAL_MS = 30_000;

interface Mounting {
  readonly elements: ChartElements;
  readonly window: LiveWindow;
  readonly queue: RedrawQueue;
  /** The lines to draw; those of the properties that are missing here are only read out. */
  readonly lines: readonly ChartLine[];
  /** The newest properties, of which only the callbacks and the height may change. */
  readonly props: () => TimeChartProps;
}

/** Joins a chart's elements to its window. */
export function mountChart(mounting: Mounting): MountedChart {
  return new WindowChart(mounting);
}

class WindowChart implements MountedChart {
  readonly #mounting: Mounting;
  readonly #cleanups: (() => void)[] = [];
  #theme: TimeChartProps['theme'];
  /** Whether the drawn colours or fonts are no longer the page's. */
  #isStale = false;
  #plot: Plot | null = null;
  #isInView = false;
  #isDestroyed = false;
  #drawn: WindowSnapshot | null = null;
  /** All lines, the hidden ones too: they are still read out. */
  #columns: ChartColumns | null = null;
  #hoverIndex: number | null = null;
  #crosshair: Crosshair = NO_CROSSHAIR;
  #described: { readonly atMs: number; readonly snapshot: WindowSnapshot } | null = null;

  constructor(mounting: Mounting) {
    this.#mounting = mounting;
    this.#theme = mounting.props().theme;
    const { elements, window } = mounting;
    this.#isInView = isOnScreen(elements.host);
    this.#cleanups.push(
      window.subscribe(() => this.#onWindow()),
      observeView(elements.host, (isInView) => this.#onView(isInView)),
      observeSize(elements.host, () => this.#request()),
    );
    // Text that was drawn before its font had come has the shapes of another.
    void elements.host.ownerDocument.fonts.ready.then(() => this.#restyle());
    this.#onWindow();
  }

  setTheme(theme: TimeChartProps['theme']): void {
    if (theme === this.#theme) return;
    this.#theme = theme;
    this.#restyle();
  }

  press(event: { readonly key: string; readonly shiftKey: boolean }): boolean {
    const columns = this.#columns;
    if (columns === null || this.#plot === null) return false;
    const move = moveCrosshair(this.#crosshair, event, columns.tMs.length);
    if (move === null) return false;
    this.#show(move.crosshair);
    if (move.zoom !== null) {
      const [fromMs = 0, toMs = 0] = move.zoom.map((index) => columns.tMs[index]);
      this.#mounting.props().onZoom(fromMs - columns.stepMs, toMs);
    }
    return true;
  }

  moveTo(index: number): void {
    this.#show({ index, anchor: this.#crosshair.anchor });
  }

  leave(): void {
    if (this.#crosshair !== NO_CROSSHAIR) this.#show(NO_CROSSHAIR);
  }

  destroy(): void {
    this.#isDestroyed = true;
    for (const cleanup of this.#cleanups) cleanup();
    this.#mounting.queue.cancel(this);
    this.#plot?.destroy();
  }

  #onWindow(): void {
    this.#describe();
    this.#request();
  }

  #onView(isInView: boolean): void {
    this.#isInView = isInView;
    this.#request();
  }

  #request(): void {
    if (this.#isInView) this.#mounting.queue.request(this, () => this.#draw());
  }

  #restyle(): void {
    this.#isStale = true;
    this.#request();
  }

  /** Draws what changed since the last time: the size, the colours, the data. */
  #draw(): void {
    const { elements, window } = this.#mounting;
    const snapshot = window.snapshot();
    const widthPx = elements.host.clientWidth;
    if (this.#isDestroyed || !this.#isInView || snapshot === null || widthPx === 0) return;
    this.#plot?.resize({ widthPx, heightPx: this.#mounting.props().heightPx });
    if (this.#isStale) this.#plot?.restyle(this.#theme);
    this.#isStale = false;
    if (snapshot !== this.#drawn) this.#drawSnapshot(snapshot, widthPx);
  }

  #drawSnapshot(snapshot: WindowSnapshot, widthPx: number): void {
    const { elements, props } = this.#mounting;
    const before = this.#drawn ?? snapshot;
    this.#drawn = snapshot;
    const { lines, kind = 'line' } = props();
    const shown = columnsOf(snapshot, this.#mounting.lines, kind);
    this.#columns = columnsOf(snapshot, lines, 'line');
    elements.empty.hidden = shown.hasData;
    if (this.#plot === null) this.#plot = this.#createPlot(shown, widthPx);
    else this.#plot.draw(shown);
    this.#readOut();
    const slidSteps = slideOf(before, snapshot);
    if (slidSteps === null) this.#show(NO_CROSSHAIR);
    else this.#keepCrosshair(slidSteps);
  }

  /** The keyboard crosshair stays on its time while the window slides; without one the newest figures are told. */
  #keepCrosshair(slidSteps: number): void {
    const { slider } = this.#mounting.elements;
    const { index, anchor } = this.#crosshair;
    if (index !== null) {
      const slide = (at: number): number => Math.max(0, Math.round(at - slidSteps));
      this.#crosshair = { index: slide(index), anchor: anchor === null ? null : slide(anchor) };
      this.#plot?.setCrosshair(this.#crosshair.index, this.#crosshair.anchor);
    }
    // Who has only just come to the slider is not told each new figure; a crosshair keeps its time and its words.
    if (index !== null || slider.ownerDocument.activeElement !== slider) this.#tell();
  }

  #createPlot(columns: ChartColumns, widthPx: number): Plot {
    const { elements, lines, props } = this.#mounting;
    const {
      kind = 'line',
      unit,
      heightPx,
      yMax,
      showTimeAxis = true,
      threshold,
      language,
    } = props();
    const looks = { kind, unit, yMax, showTimeAxis, threshold, language };
    return createPlot(
      elements.host,
      { ...looks, lines, theme: this.#theme, columns, widthPx, heightPx },
      {
        onCrosshair: (index) => {
          this.#hoverIndex = index;
          if (this.#isInView) this.#readOut();
        },
        onZoom: (fromMs, toMs) => props().onZoom(fromMs, toMs),
        onZoomReset: () => props().onZoomReset(),
      },
    );
  }

  /** Writes the crosshair's values into the legend, or the last ones when there is no crosshair. */
  #readOut(): void {
    const columns = this.#columns;
    if (columns === null) return;
    for (const [i, { id }] of this.#mounting.props().lines.entries()) {
      const element = this.#mounting.elements.readouts.get(id);
      const text = this.#print(columns.values[i] ?? [], this.#hoverIndex);
      if (element !== undefined && element.textContent !== text) element.textContent = text;
    }
  }

  #print(column: Column, index: number | null): string {
    const { unit, language } = this.#mounting.props();
    const value = column[index ?? lastIndexOf(column)] ?? null;
    return value === null ? NO_FIGURE : formatFigure(value, unit, language).text;
  }

  #show(crosshair: Crosshair): void {
    this.#crosshair = crosshair;
    this.#plot?.setCrosshair(crosshair.index, crosshair.anchor);
    this.#tell();
  }

  /** Tells assistive technology where the keyboard crosshair is and what it reads. */
  #tell(): void {
    const columns = this.#columns;
    if (columns === null) return;
    const { slider } = this.#mounting.elements;
    const { lines, language } = this.#mounting.props();
    const index = this.#crosshair.index ?? newestIndexOf(columns);
    const print = createTimeFormat(columns.toMs - columns.fromMs, {
      language,
      stepMs: columns.stepMs,
    });
    const figures = lines.map(
      ({ label }, i) => `${label} ${this.#print(columns.values[i] ?? [], index)}`,
    );
    slider.max = String(columns.tMs.length - 1);
    slider.value = String(index);
    const time = print(columns.tMs[index] ?? Number.NaN);
    slider.setAttribute('aria-valuetext', [time, ...figures].join(', '));
  }

  #describe(): void {
    const { lines, label, unit, language, texts } = this.#mounting.props();
    const snapshot = this.#mounting.window.snapshot();
    const atMs = performance.now();
    if (snapshot === null || !this.#isDescriptionDue(snapshot, atMs)) return;
    this.#described = { atMs, snapshot };
    const columns = columnsOf(snapshot, lines, 'line');
    const sentence = chartSummary(columns, lines, { label, unit, language, texts });
    this.#mounting.elements.host.setAttribute('aria-label', sentence);
  }

  /** Due after a while, and at once when the window is another one and not the same a step later. */
  #isDescriptionDue({ fromMs, stepMs }: WindowSnapshot, atMs: number): boolean {
    if (this.#described === null || atMs - this.#described.atMs >= SENTENCE_INTERVAL_MS)
      return true;
    const before = this.#described.snapshot;
    return (
      stepMs !== before.stepMs || Math.abs(fromMs - before.fromMs) > SENTENCE_INTERVAL_MS + stepMs
    );
  }
}

/** More than this share of its length a window does not slide between two drawings: it is another one. */
const LONGEST_SLIDE = 0.25;

/** How many steps a window slid, as one that follows the present does; `null` when it is another window. */
function slideOf(before: WindowSnapshot, { fromMs, stepMs, tMs }: WindowSnapshot): number | null {
  if (stepMs !== before.stepMs || tMs.length !== before.tMs.length) return null;
  const steps = (fromMs - before.fromMs) / stepMs;
  return steps >= 0 && steps <= tMs.length * LONGEST_SLIDE ? steps : null;
}

/** The newest step with a figure, since the open step may not have one yet; the newest of all where none has. */
function newestIndexOf({ tMs, values }: ChartColumns): number {
  const newest = Math.max(...values.map(lastIndexOf));
  return newest < 0 ? tMs.length - 1 : newest;
}

function isOnScreen(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < element.ownerDocument.documentElement.clientHeight;
}

function observeView(element: Element, run: (isInView: boolean) => void): () => void {
  const observer = new IntersectionObserver((entries) => {
    const newest = entries.at(-1);
    if (newest !== undefined) run(newest.isIntersecting);
  });
  observer.observe(element);
  return () => observer.disconnect();
}

function observeSize(element: Element, run: () => void): () => void {
  const observer = new ResizeObserver(run);
  observer.observe(element);
  return () => observer.disconnect();
}
