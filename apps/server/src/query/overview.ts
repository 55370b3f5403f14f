import {
  type LatestFigure,
  type LiveFrame,
  type MetricPoint,
  type MonitoringMetrics,
  type Overview,
  type OverviewLine,
  type Signal,
  SIGNALS,
  type TimeGrid,
} from '@hubpulse/api';
import type { Clock } from '../clock.ts';
import type { MetricStore } from '../store/port.ts';
import { DETAIL_LINES, type LineDefinition, SIGNAL_LINES } from './line-definitions.ts';
import { type Line, selectLines } from './lines.ts';
import { combine, meanOf, type StepValues } from './steps.ts';
import { chooseGrid, pointsOf, type TimeWindow } from './time-window.ts';

/** What the dashboard asks. Each call may reject with the store's errors. */
export interface OverviewQuery {
  /** The five signals as points, at most 1,500. */
  monitoringMetrics(window: TimeWindow): Promise<MonitoringMetrics>;
  /** All lines of the overview page, at most `maxPoints` steps. */
  overview(window: TimeWindow, maxPoints: number): Promise<Overview>;
  /** The newest figure of each line: those of the step of one interval that ends at `tMs`. */
  frame(tMs: number): Promise<LiveFrame>;
}

/** So far back a card looks for its last figure when the range holds none. */
const LATEST_LOOKBACK_MS = 86_400_000;

/** Where the last figure is when all is well. */
const FRESH_LOOKBACK_MS = 300_000;

/** A figure is rounded to this many significant digits on its way out: more than any chart shows, fewer bytes. */
const SIGNIFICANT_DIGITS = 6;

/** @param intervalMs How often samples come: the finest step, and the length of a frame's step. */
export function createOverviewQuery({
  store,
  clock,
  intervalMs,
}: {
  store: MetricStore;
  clock: Clock;
  intervalMs: number;
}): OverviewQuery {
  return {
    async monitoringMetrics(window) {
      const grid = chooseGrid(window, { minStepMs: intervalMs });
      return { ...grid, data: pointsFrom(await selectSignals(store, grid), grid) };
    },

    async overview(window, maxPoints) {
      const grid = chooseGrid(window, { maxPoints, minStepMs: intervalMs });
      const [signals, previous, details] = await Promise.all([
        selectSignals(store, grid),
        selectSignals(store, gridBefore(grid)),
        Promise.all(DETAIL_LINES.map((definition) => selectLines(store, definition, grid))),
      ]);
      return {
        ...grid,
        nowMs: clock.nowMs(),
        frameIntervalMs: intervalMs,
        lines: [
          ...SIGNALS.map((id) => signalLine(id, signals[id], grid)),
          ...details.flat().map(overviewLine),
        ],
        previous: perSignal((id) => rounded(meanOf(previous[id] ?? new Float64Array()))),
        latest: await latestFigures(store, clock.nowMs()),
      };
    },

    async frame(tMs) {
      const grid = { fromMs: tMs - intervalMs, toMs: tMs, stepMs: intervalMs };
      const lines = await Promise.all(
        [...Object.values(SIGNAL_LINES), ...DETAIL_LINES].map((definition) =>
          selectLines(store, definition, grid),
        ),
      );
      return {
        tMs,
        lines: lines.flat().flatMap((line) => {
          const { values, ...rest } = overviewLine(line);
          const [value] = values;
          return typeof value === 'number' ? [{ ...rest, value }] : [];
        }),
      };
    },
  };
}

type SignalValues = Readonly<Partial<Record<Signal, StepValues>>>;

function perSignal<T>(valueOf: (id: Signal) => T): Record<Signal, T> {
  return {
    cpu: valueOf('cpu'),
    memory: valueOf('memory'),
    disk: valueOf('disk'),
    response_time: valueOf('response_time'),
    error_rate: valueOf('error_rate'),
  };
}

async function selectSignals(store: MetricStore, grid: TimeGrid): Promise<SignalValues> {
  const lines = await Promise.all(SIGNALS.map((id) => selectLines(store, SIGNAL_LINES[id], grid)));
  return Object.fromEntries(
    SIGNALS.flatMap((id, index) => {
      const values = lines[index]?.[0]?.values;
      return values ? [[id, values]] : [];
    }),
  );
}

function gridBefore({ fromMs, toMs, stepMs }: TimeGrid): TimeGrid {
  return { fromMs: fromMs - (toMs - fromMs), toMs: fromMs, stepMs };
}

function pointsFrom(signals: SignalValues, grid: TimeGrid): MetricPoint[] {
  const at = (id: Signal, step: number): number | null => figure(signals[id]?.[step] ?? Number.NaN);
  return Array.from({ length: pointsOf(grid) }, (_, step) => ({
    timestamp: grid.fromMs + (step + 1) * grid.stepMs,
    cpu: at('cpu', step),
    memory: at('memory', step),
    disk: at('disk', step),
    responseTime: at('response_time', step),
    errorRate: at('error_rate', step),
  }));
}

function signalLine(id: Signal, values: StepValues | undefined, grid: TimeGrid): OverviewLine {
  const gaps = (): StepValues => new Float64Array(pointsOf(grid)).fill(Number.NaN);
  return overviewLine({ definition: SIGNAL_LINES[id], name: '', values: values ?? gaps() });
}

function overviewLine({ definition, name, values }: Line): OverviewLine {
  return {
    id: lineId(definition, name),
    panel: definition.panel,
    name,
    unit: definition.unit,
    aggregate: definition.aggregate,
    values: Array.from(values, figure),
  };
}

function lineId({ id, splitBy }: LineDefinition, name: string): string {
  return splitBy === undefined ? id : `${id}:${name}`;
}

/** JSON knows neither NaN nor infinities: they are gaps. */
function figure(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(SIGNIFICANT_DIGITS)) : null;
}

function rounded(value: number | null): number | null {
  return value === null ? null : figure(value);
}

async function latestFigures(
  store: MetricStore,
  nowMs: number,
): Promise<Record<Signal, LatestFigure | null>> {
  const figures = await Promise.all(
    SIGNALS.map((id) => latestFigure(store, SIGNAL_LINES[id], nowMs)),
  );
  return perSignal((id) => figures[SIGNALS.indexOf(id)] ?? null);
}

/** Looks at the last minutes first, since a day of samples is only worth reading when those hold nothing. */
async function latestFigure(
  store: MetricStore,
  definition: LineDefinition,
  nowMs: number,
): Promise<LatestFigure | null> {
  const within = (lookbackMs: number): Promise<LatestFigure | null> =>
    newestFigure(store, definition, { fromMs: nowMs - lookbackMs, toMs: nowMs });
  return (await within(FRESH_LOOKBACK_MS)) ?? within(LATEST_LOOKBACK_MS);
}

/** The newest sample, combined over the series that have one at that time. What is no number, as a stale marker, is none. */
async function newestFigure(
  store: MetricStore,
  { matchers, across }: LineDefinition,
  window: TimeWindow,
): Promise<LatestFigure | null> {
  const series = await store.select({ matchers, ...window });
  const newest = series.flatMap(({ tMs, values }) => {
    const row = values.findLastIndex((value) => !Number.isNaN(value));
    return row < 0 ? [] : [{ tMs: tMs[row] ?? 0, values: values.slice(row, row + 1) }];
  });
  const tMs = newest.reduce((latest, sample) => Math.max(latest, sample.tMs), 0);
  const values = newest.filter((sample) => sample.tMs === tMs).map((sample) => sample.values);
  const value = figure(combine(values, across)[0] ?? Number.NaN);
  return value === null ? null : { tMs, value };
}
