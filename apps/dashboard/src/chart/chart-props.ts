import type { Unit } from '@hubpulse/api';
import type { Language } from '../format/language.ts';
import type { LiveWindow } from '../live/live-window.ts';
import type { ChartTexts } from './chart-texts.ts';

/** One line of a chart: the id of a `WindowLine`, its name for people, and its colour. */
export interface ChartLine {
  readonly id: string;
  readonly label: string;
  /** Name of a CSS variable, such as `--s1`. */
  readonly color: string;
  /** CSS pixels; 1.5 unless told. */
  readonly widthPx?: number;
}

/** Lines for gauges, a stack for shares of a total, bars for rare things. */
export type ChartKind = 'line' | 'stack' | 'bars';

/** A limit that is drawn dashed, in the unit of the chart. */
export interface ChartThreshold {
  readonly value: number;
  readonly label: string;
}

export interface TimeChartProps {
  readonly window: LiveWindow;
  readonly lines: readonly ChartLine[];
  readonly unit: Unit;
  /** What the chart shows, for the accessible sentence. */
  readonly label: string;
  /** Height of the drawing with its axis, without the legend, CSS pixels. */
  readonly heightPx: number;
  readonly kind?: ChartKind;
  /** Upper end of the scale; else it follows the data. */
  readonly yMax?: number;
  readonly showTimeAxis?: boolean;
  readonly showLegend?: boolean;
  readonly threshold?: ChartThreshold | undefined;
  /** Shows the newest rows as a table instead. */
  readonly table?: boolean;
  readonly language: Language;
  readonly theme: 'light' | 'dark';
  /** A stretch of time was chosen by dragging or by keyboard. */
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** Double-click. */
  readonly onZoomReset: () => void;
  readonly texts: ChartTexts;
}
