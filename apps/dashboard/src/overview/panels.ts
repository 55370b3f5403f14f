import type { Signal } from '@hubpulse/api';
import type { ChartLine } from '../chart/chart-props.ts';
import type { Texts } from '../i18n/dictionary.ts';
import type { WindowSnapshot } from '../live/live-window.ts';
import { colorsOf } from '../theme/palette.ts';
import { meanOf } from './change.ts';

/** More hosts than colours that can be told apart would only be clutter. */
export const MAX_HOSTS = 7;

/** The lines of a chart, and how many there would be without a limit. */
export interface PanelLines {
  readonly lines: readonly ChartLine[];
  readonly count: number;
}

/** CPU, memory and disk. */
export function signalLines(texts: Texts): readonly ChartLine[] {
  return [
    { id: 'cpu', label: texts['line.cpu'], color: '--s1', widthPx: 2 },
    { id: 'memory', label: texts['line.memory'], color: '--s5' },
    { id: 'disk', label: texts['line.disk'], color: '--s3' },
  ];
}

/** The median, the 95th and the 99th percentile; the one that is judged is the strongest. */
export const RESPONSE_LINES: readonly ChartLine[] = [
  { id: 'response_time.p50', label: 'P50', color: '--s3' },
  { id: 'response_time.p95', label: 'P95', color: '--s1', widthPx: 2 },
  { id: 'response_time.p99', label: 'P99', color: '--s8', widthPx: 1 },
];

/** Requests by class; 5xx have a lane of their own below, where a few can be seen beside many. */
export const REQUEST_LINES: readonly ChartLine[] = [
  { id: 'requests.2xx', label: '2xx', color: '--s1' },
  { id: 'requests.3xx', label: '3xx', color: '--s7' },
  { id: 'requests.4xx', label: '4xx', color: '--s2' },
];

/** The lane of errors. */
export function errorLines(texts: Texts): readonly ChartLine[] {
  return [{ id: 'requests.5xx', label: texts.errorLane, color: '--crit' }];
}

/** What came in and what went out. */
export function networkLines(texts: Texts): readonly ChartLine[] {
  return [
    { id: 'network.receive', label: texts['line.network.receive'], color: '--s1' },
    { id: 'network.transmit', label: texts['line.network.transmit'], color: '--s2' },
  ];
}

/** What was read and what was written. */
export function diskLines(texts: Texts): readonly ChartLine[] {
  return [
    { id: 'disk_io.read', label: texts['line.disk_io.read'], color: '--s1' },
    { id: 'disk_io.write', label: texts['line.disk_io.write'], color: '--s2' },
  ];
}

/** The hosts by name; where there are too many, those with the highest mean over the window. */
export function hostLines(snapshot: WindowSnapshot | null): PanelLines {
  const all = [...(snapshot?.lines.values() ?? [])].filter(({ panel }) => panel === 'cpu_by_host');
  const busiest = all
    .map((line) => ({ line, mean: meanOf(line.values) ?? 0 }))
    .toSorted((a, b) => b.mean - a.mean)
    .slice(0, MAX_HOSTS)
    .map(({ line }) => line)
    .toSorted((a, b) => a.name.localeCompare(b.name));
  const colors = colorsOf(busiest.map(({ name }) => name));
  const lines = busiest.map(({ id, name }) => ({
    id,
    label: name,
    color: colors.get(name) ?? '--s8',
  }));
  return { lines, count: all.length };
}

/** Only lines that the window holds: a class of requests that never came needs no place in the legend. */
export function presentLines(
  lines: readonly ChartLine[],
  snapshot: WindowSnapshot | null,
): readonly ChartLine[] {
  const present = lines.filter(({ id }) => snapshot?.lines.has(id));
  return present.length > 0 ? present : lines;
}

/** Whether any of the lines has a figure in the window. */
export function hasFigures(lines: readonly ChartLine[], snapshot: WindowSnapshot | null): boolean {
  return lines.some(({ id }) => snapshot?.lines.get(id)?.values.some((value) => value !== null));
}

/** The signals whose newest figure tells when a chart last had something to show. */
export const RELATED_SIGNALS = {
  signals: ['cpu', 'memory', 'disk'],
  response: ['response_time'],
  requests: ['response_time'],
  cpuByHost: ['cpu'],
  // The agent that reads the CPU reads these too.
  network: ['cpu'],
  diskIo: ['cpu'],
} as const satisfies Record<string, readonly Signal[]>;
