import uPlot from 'uplot';
import './chart.css';
import type { Unit } from '@hubpulse/api';
import { axisFormatter } from '../format/figure.ts';
import type { Language } from '../format/language.ts';
import { createTimeAxisFormat, createTimeFormat } from '../format/time.ts';
import { type ChartInk, readInk } from './chart-ink.ts';
import type { ChartKind, ChartLine, ChartThreshold, TimeChartProps } from './chart-props.ts';
import type { ChartColumns } from './columns.ts';
import { drawMarks } from './plot-marks.ts';
import { valueScale } from './ticks.ts';

/** What a plot draws; it is made anew when any of this changes. */
export interface PlotOptions {
  readonly lines: readonly ChartLine[];
  readonly kind: ChartKind;
  readonly unit: Unit;
  readonly yMax: number | undefined;
  readonly showTimeAxis: boolean;
  readonly threshold: ChartThreshold | undefined;
  readonly language: Language;
}

/** CSS pixels. */
export interface PlotSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a plot tells. */
export interface PlotEvents {
  /** The crosshair moved to a step, or went away. */
  onCrosshair(index: number | null): void;
  /** A stretch was dragged over: whole steps, Unix milliseconds. */
  onZoom(fromMs: number, toMs: number): void;
  onZoomReset(): void;
}

/** The drawing of a chart: a thin face of uPlot, which no other file knows. */
export interface Plot {
  /** Draws new data. */
  draw(columns: ChartColumns): void;
  /** Draws the same data again, in the colours and fonts that the page now has. */
  restyle(theme: TimeChartProps['theme']): void;
  resize(size: PlotSize): void;
  /** Shows the crosshair at a step, and the stretch that is being marked with it. */
  setCrosshair(index: number | null, anchor: number | null): void;
  destroy(): void;
}

/** All charts with this key share one crosshair, by time. */
const SYNC_KEY = 'time';

/** The same on every chart, so that charts above each other share their time axis. CSS pixels. */
const VALUE_AXIS_PX = 58;
const TIME_AXIS_PX = 24;
const PADDING_TOP_PX = 10;
/** Room for half of the last time label, HH:mm. */
const PADDING_RIGHT_PX = 18;

/** One hairline for about so many CSS pixels, and at most four above 0. */
const TICK_DISTANCE_PX = 38;
const MOST_TICKS = 4;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Distances between two times on the axis. uPlot's own list lacks two minutes, which small screens need. */
const TIME_STEPS_MS: number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 3, 4, 5, 7, 10, 15].map((n) => n * DAY_MS),
];

const FONT_PX = 11;

/** Half the width of a digit in this font, for labels that would stick out. CSS pixels. */
const HALF_DIGIT_PX = 3.2;

/** A shorter drag is a click with an unsteady hand. CSS pixels. */
const SHORTEST_DRAG_PX = 5;

const LINE_WIDTH_PX = 1.5;

/** Colours wash out less on white. */
const AREA_ALPHA = { light: 0.26, dark: 0.34 } as const;

/** The threshold may lift the scale so many times above the data; beyond that it would flatten them, and is left out. */
const THRESHOLD_REACH = 4;

interface Place {
  readonly left: number;
  readonly top: number;
}

interface Start extends PlotOptions, PlotSize {
  readonly columns: ChartColumns;
  readonly theme: TimeChartProps['theme'];
}

/** Makes a plot inside `host`. */
export function createPlot(host: HTMLElement, options: Start, events: PlotEvents): Plot {
  return new TimePlot(host, options, events);
}

class TimePlot implements Plot {
  readonly #host: HTMLElement;
  readonly #options: PlotOptions;
  readonly #events: PlotEvents;
  readonly #plot: uPlot;
  readonly #badge: HTMLElement;
  #heightPx: number;
  #theme: TimeChartProps['theme'];
  #ink: ChartInk;
  #columns: ChartColumns;
  #scale: ReturnType<typeof valueScale>;
  #printTime: (tMs: number) => string;
  /** The step that was told last; undefined when it has to be told again. */
  #shownIndex: number | null | undefined;

  constructor(host: HTMLElement, options: Start, events: PlotEvents) {
    this.#host = host;
    this.#options = options;
    this.#events = events;
    this.#heightPx = options.heightPx;
    this.#theme = options.theme;
    this.#ink = readInk(host);
    this.#columns = options.columns;
    this.#scale = this.#scaleOf(options.columns);
    this.#printTime = this.#timeFormatOf(options.columns);
    this.#badge = host.ownerDocument.createElement('div');
    this.#badge.className = 'chart-time';
    this.#badge.hidden = true;
    this.#plot = new uPlot(this.#uplotOptions(options.widthPx), this.#data(), host);
    if (options.showTimeAxis) this.#plot.over.append(this.#badge);
  }

  draw(columns: ChartColumns): void {
    const isOtherSpan = columns.toMs - columns.fromMs !== this.#columns.toMs - this.#columns.fromMs;
    this.#columns = columns;
    this.#scale = this.#scaleOf(columns);
    if (isOtherSpan) this.#printTime = this.#timeFormatOf(columns);
    this.#ink = readInk(this.#host);
    this.#shownIndex = undefined;
    // A batch takes effect at once, so that positions that are asked for next are those of the new data.
    this.#plot.batch(() => this.#plot.setData(this.#data()));
  }

  restyle(theme: TimeChartProps['theme']): void {
    this.#theme = theme;
    this.#ink = readInk(this.#host);
    // The paths of bars keep their colour, so the paths are made anew.
    this.#plot.redraw(true);
  }

  resize({ widthPx, heightPx }: PlotSize): void {
    if (widthPx === this.#plot.width && heightPx === this.#heightPx) return;
    this.#heightPx = heightPx;
    this.#scale = this.#scaleOf(this.#columns);
    // A new size alone keeps the scale as it was.
    this.#plot.batch(() => {
      this.#plot.setSize({ width: widthPx, height: heightPx });
      this.#plot.setData(this.#data());
    });
  }

  setCrosshair(index: number | null, anchor: number | null): void {
    const plot = this.#plot;
    const at = index === null ? undefined : this.#columns.tMs[index];
    const from = anchor === null ? undefined : this.#columns.tMs[anchor];
    const left = at === undefined ? -10 : plot.valToPos(at, 'x');
    // The third parameter, which the types lack, moves the crosshair of the other charts too.
    const publishing = plot as { setCursor: (at: Place, fire: boolean, publish: boolean) => void };
    publishing.setCursor({ left, top: at === undefined ? -10 : 0 }, true, true);
    if (at === undefined || from === undefined) {
      this.#hideSelection();
      return;
    }
    const start = Math.max(0, plot.valToPos(Math.min(at, from) - this.#columns.stepMs, 'x'));
    const width = plot.valToPos(Math.max(at, from), 'x') - start;
    plot.setSelect({ left: start, top: 0, width, height: plot.over.clientHeight }, false);
  }

  destroy(): void {
    this.#plot.destroy();
  }

  /** uPlot's rows: time, then the lines from the last to the first, so that the shorter stack is drawn over the taller. */
  #data(): uPlot.AlignedData {
    const { tMs, drawn } = this.#columns;
    return [tMs.slice(), ...drawn.toReversed().map((column) => column.slice())];
  }

  #scaleOf({ max }: ChartColumns): ReturnType<typeof valueScale> {
    const { unit, yMax, threshold, showTimeAxis } = this.#options;
    const limit = threshold?.value ?? 0;
    const plotPx = this.#heightPx - PADDING_TOP_PX - (showTimeAxis ? TIME_AXIS_PX : 0);
    return valueScale(limit <= max * THRESHOLD_REACH ? Math.max(max, limit) : max, {
      unit,
      ticks: Math.min(MOST_TICKS, Math.max(1, Math.round(plotPx / TICK_DISTANCE_PX))),
      fixedTop: yMax,
    });
  }

  #timeFormatOf({ fromMs, toMs, stepMs }: ChartColumns): (tMs: number) => string {
    return createTimeFormat(toMs - fromMs, { language: this.#options.language, stepMs });
  }

  #uplotOptions(widthPx: number): uPlot.Options {
    const { lines } = this.#options;
    return {
      ms: 1,
      width: widthPx,
      height: this.#heightPx,
      padding: [PADDING_TOP_PX, PADDING_RIGHT_PX, 0, 0],
      legend: { show: false },
      series: [{}, ...lines.toReversed().map((line) => this.#series(line))],
      bands: this.#bands(),
      cursor: this.#cursor(),
      scales: {
        x: { time: true, range: () => [this.#columns.fromMs, this.#columns.toMs] },
        y: { range: () => [0, this.#scale.top] },
      },
      axes: [this.#timeAxis(), this.#valueAxis()],
      hooks: {
        draw: [(plot) => this.#drawMarks(plot)],
        setCursor: [() => this.#onCursor()],
        setSelect: [(plot) => this.#onSelect(plot)],
      },
    };
  }

  #series({ color, widthPx }: ChartLine): uPlot.Series {
    const { kind } = this.#options;
    const stroke = (): string => this.#ink.color(color);
    const points = { show: false };
    switch (kind) {
      case 'line':
        return { stroke, width: widthPx ?? LINE_WIDTH_PX, points };
      case 'stack':
        return { stroke, width: widthPx ?? 1, fill: () => this.#areaOf(color), points };
      case 'bars': {
        // A step ends at its time, so its bar lies to the left of it.
        const paths = uPlot.paths.bars?.({ size: [0.72, 12], align: -1 });
        return { stroke, width: 0, fill: stroke, points, ...(paths !== undefined && { paths }) };
      }
    }
  }

  /** Each line of a stack fills down to the line below it; the lowest, which is the last of uPlot's, down to 0. */
  #bands(): uPlot.Band[] {
    const { kind, lines } = this.#options;
    if (kind !== 'stack') return [];
    return lines
      .slice(1)
      .toReversed()
      .map(({ color }, i) => ({ series: [i + 1, i + 2], fill: () => this.#areaOf(color) }));
  }

  #areaOf(color: string): string {
    return this.#ink.wash(color, AREA_ALPHA[this.#theme]);
  }

  #cursor(): uPlot.Cursor {
    return {
      sync: {
        key: SYNC_KEY,
        setSeries: false,
        scales: ['x', null],
        // Clicks and double-clicks stay with their own chart: each of them is answered once.
        filters: { pub: (type) => type === 'mousemove' },
      },
      drag: { x: true, y: false, setScale: false, dist: SHORTEST_DRAG_PX },
      points: {
        ...(this.#options.kind === 'bars' && { show: false }),
        size: 6,
        width: 1.5,
        fill: () => this.#ink.color('--panel'),
      },
      bind: {
        dblclick: () => () => {
          this.#hideSelection();
          this.#events.onZoomReset();
          return null;
        },
      },
    };
  }

  #timeAxis(): uPlot.Axis {
    const { showTimeAxis, language } = this.#options;
    const print = createTimeAxisFormat({ language });
    return {
      stroke: () => this.#ink.color('--axis'),
      font: `${FONT_PX}px ${this.#ink.fontFamily}`,
      size: showTimeAxis ? TIME_AXIS_PX : 4,
      gap: 5,
      space: 64,
      incrs: TIME_STEPS_MS,
      grid: { show: false },
      ticks: { show: false },
      values: (plot, splits, ...[, , stepMs]) =>
        splits.map((tMs) => {
          const text = showTimeAxis ? print(tMs, stepMs) : '';
          const roomPx = plot.valToPos(this.#columns.toMs, 'x') - plot.valToPos(tMs, 'x');
          return roomPx + PADDING_RIGHT_PX < text.length * HALF_DIGIT_PX ? '' : text;
        }),
    };
  }

  #valueAxis(): uPlot.Axis {
    return {
      stroke: () => this.#ink.color('--axis'),
      font: `${FONT_PX}px ${this.#ink.fontFamily}`,
      size: VALUE_AXIS_PX,
      gap: 6,
      grid: { stroke: () => this.#ink.color('--grid'), width: 1 },
      ticks: { show: false },
      splits: () => [...this.#scale.ticks],
      values: (_plot, splits) => splits.map(axisFormatter(this.#options.unit, this.#scale.top)),
    };
  }

  #drawMarks(plot: uPlot): void {
    const { lines, kind, threshold } = this.#options;
    drawMarks({
      context: plot.ctx,
      box: plot.bbox,
      ratio: uPlot.pxRatio,
      ink: this.#ink,
      x: (tMs) => plot.valToPos(tMs, 'x', true),
      y: (value) => plot.valToPos(value, 'y', true),
      columns: this.#columns,
      lines,
      kind,
      threshold:
        threshold !== undefined && threshold.value <= this.#scale.top ? threshold : undefined,
    });
  }

  #onCursor(): void {
    const { idx, left = -10 } = this.#plot.cursor;
    const index = left < 0 ? null : (idx ?? null);
    if (index !== null) this.#badge.style.transform = `translateX(${left}px) translateX(-50%)`;
    if (index === this.#shownIndex) return;
    this.#shownIndex = index;
    const tMs = index === null ? undefined : this.#columns.tMs[index];
    this.#badge.hidden = tMs === undefined;
    if (tMs !== undefined) this.#badge.textContent = this.#printTime(tMs);
    this.#events.onCrosshair(index);
  }

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < SHORTEST_DRAG_PX) return;
    const { stepMs } = this.#columns;
    const fromMs = Math.floor(plot.posToVal(left, 'x') / stepMs) * stepMs;
    const toMs = Math.ceil(plot.posToVal(left + width, 'x') / stepMs) * stepMs;
    this.#hideSelection();
    this.#events.onZoom(fromMs, toMs);
  }

  #hideSelection(): void {
    this.#plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }
}
