import {
  compileMatcher,
  createLabels,
  type Labels,
  labelsKey,
  labelValue,
  type Matcher,
  METRIC_NAME,
  type SeriesColumns,
} from '@hubpulse/model';
import type { SeriesSelection, SeriesSource } from '../../src/index.ts';
import { writeStaleMarker } from './stale-marker.ts';
import type { LoadCommand } from './script.ts';
import type { Point } from './series-line.ts';

/** The series that a script has loaded. */
export interface SampleTable extends SeriesSource {
  load(command: LoadCommand): void;
  clear(): void;
  /** Why a selector cannot be evaluated: it reaches series with more than floats. */
  reasonToSkip(matchers: readonly Matcher[]): string | undefined;
}

interface Row {
  readonly labels: Labels;
  readonly samples: Map<number, Point>;
}

/** Opens an empty table. */
export function createSampleTable(): SampleTable {
  const rows = new Map<string, Row>();
  const leftOut = new Map<string, { readonly labels: Labels; readonly reason: string }>();
  const leaveOut = (labels: Labels, reason: string): void => {
    leftOut.set(labelsKey(labels), { labels, reason });
  };
  return {
    load: (command) => {
      for (const { labels, points } of lastOfEach(command)) {
        const row = rows.get(labelsKey(labels)) ?? { labels, samples: new Map() };
        for (const [i, point] of points.entries()) {
          if (point !== 'omitted') row.samples.set(i * command.stepMs, point);
        }
        rows.set(labelsKey(labels), row);
        if (points.includes('native')) leaveOut(labels, 'reads native histograms');
        if (command.withStarts) leaveOut(labels, 'reads start timestamps, which are experimental');
        const base = command.withNative ? baseOf(labels) : undefined;
        if (base !== undefined) leaveOut(base, 'reads native histograms made by load_with_nhcb');
      }
    },
    clear: () => {
      rows.clear();
      leftOut.clear();
    },
    reasonToSkip: (matchers) =>
      [...leftOut.values()].find(({ labels }) => matches(labels, matchers))?.reason,
    select: (selection) =>
      Promise.resolve(
        [...rows.values()]
          .filter(({ labels }) => matches(labels, selection.matchers))
          .map((row) => columnsOf(row, selection))
          .filter(({ tMs }) => tMs.length > 0)
          .toSorted((a, b) => (labelsKey(a.labels) < labelsKey(b.labels) ? -1 : 1)),
      ),
  };
}

/** Of a series that a command gives twice the later counts. */
function lastOfEach(command: LoadCommand): Iterable<LoadCommand['series'][number]> {
  return new Map(command.series.map((line) => [labelsKey(line.labels), line])).values();
}

/** The native histogram that a series of a classic one is a part of. */
function baseOf(labels: Labels): Labels | undefined {
  const match = /^(.*)_(?:bucket|count|sum)$/.exec(labelValue(labels, METRIC_NAME));
  if (match === null) return undefined;
  const rest = labels.filter(([name]) => name !== 'le' && name !== METRIC_NAME);
  return createLabels([...rest, [METRIC_NAME, match[1] ?? '']]);
}

function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => compileMatcher(matcher)(labelValue(labels, matcher.name)));
}

function columnsOf({ labels, samples }: Row, { fromMs, toMs }: SeriesSelection): SeriesColumns {
  const selected = [...samples]
    .filter(([tMs]) => tMs >= fromMs && tMs <= toMs)
    .toSorted(([a], [b]) => a - b);
  const values = Float64Array.from(selected, ([, point]) =>
    typeof point === 'number' ? point : 0,
  );
  for (const [i, [, point]] of selected.entries())
    if (point === 'stale') writeStaleMarker(values, i);
  return { labels, tMs: Float64Array.from(selected, ([tMs]) => tMs), values };
}
