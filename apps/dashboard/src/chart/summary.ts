import type { Unit } from '@hubpulse/api';
import { formatFigure } from '../format/figure.ts';
import type { Language } from '../format/language.ts';
import type { ChartLine } from './chart-props.ts';
import type { ChartTexts } from './chart-texts.ts';
import { type ChartColumns, numbersOf } from './columns.ts';

/** What a chart shows, in one sentence for those who cannot see it: last, lowest and highest figure of each line. */
export function chartSummary(
  { values }: Pick<ChartColumns, 'values'>,
  lines: readonly ChartLine[],
  words: {
    readonly label: string;
    readonly unit: Unit;
    readonly language: Language;
    readonly texts: Pick<ChartTexts, 'noData' | 'lineSummary'>;
  },
): string {
  const print = (value: number): string => formatFigure(value, words.unit, words.language).text;
  const clauses = lines.flatMap(({ label }, i) => {
    const numbers = numbersOf(values[i] ?? []);
    const last = numbers.at(-1);
    if (last === undefined) return [];
    const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
    const figures = { last: print(last), min: print(min), max: print(max) };
    return [words.texts.lineSummary({ label, ...figures })];
  });
  const [colon, stop] = words.language === 'zh-CN' ? ['：', '；'] : [': ', '; '];
  return `${words.label}${colon}${clauses.length > 0 ? clauses.join(stop) : words.texts.noData}`;
}
