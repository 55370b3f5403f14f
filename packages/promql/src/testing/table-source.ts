import {
  compileMatcher,
  createLabels,
  labelValue,
  type Matcher,
  type SeriesColumns,
} from '@hubpulse/model';
import type { SeriesSelection, SeriesSource } from '../source.ts';

/** A source over series in memory, which remembers what it was asked. */
export interface TableSource extends SeriesSource {
  readonly asked: readonly SeriesSelection[];
}

/** One series of a test: its labels, and its samples as pairs of time and value. */
export interface TestSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [tMs: number, value: number])[];
}

/** Opens a source over series. */
export function createTableSource(table: readonly TestSeries[]): TableSource {
  const asked: SeriesSelection[] = [];
  return {
    asked,
    select: (selection) => {
      asked.push(selection);
      const { fromMs, toMs, matchers } = selection;
      const columns = table.map(({ labels, samples }): SeriesColumns => {
        const inside = samples.filter(([tMs]) => tMs >= fromMs && tMs <= toMs);
        return {
          labels: createLabels(labels),
          tMs: Float64Array.from(inside, ([tMs]) => tMs),
          values: Float64Array.from(inside, ([, value]) => value),
        };
      });
      return Promise.resolve(columns.filter((one) => one.tMs.length > 0 && fits(one, matchers)));
    },
  };
}

function fits({ labels }: SeriesColumns, matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => compileMatcher(matcher)(labelValue(labels, matcher.name)));
}
