import type { ChartTexts } from '../chart/chart-texts.ts';
import { fill, type Texts } from '../i18n/dictionary.ts';

/** What charts say, in the reader's language. The card around a chart says why it is empty, so `noData` is told apart. */
export function chartTextsOf(texts: Texts, noData: string): ChartTexts {
  return {
    noData,
    lineSummary: (summary) => fill(texts['chart.line'], { ...summary }),
    crosshair: (chart) => fill(texts['chart.crosshair'], { chart }),
    crosshairKeys: texts['chart.crosshairKeys'],
    legendHint: texts['chart.legendHint'],
    time: texts['chart.time'],
    tableCaption: (details) => fill(texts['chart.tableCaption'], details),
  };
}
