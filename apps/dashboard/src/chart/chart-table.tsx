import { type ReactNode, useSyncExternalStore } from 'react';
import { formatFigure, NO_FIGURE } from '../format/figure.ts';
import { createTimeFormat } from '../format/time.ts';
import type { WindowSnapshot } from '../live/live-window.ts';
import type { TimeChartProps } from './chart-props.ts';

/** The most rows of a table: what a person may want to read, and what the page can hold without scrolling tricks. */
export const MAX_TABLE_ROWS = 200;

/** A chart as a table, the newest step first; it follows the window. */
export function ChartTable(props: TimeChartProps): ReactNode {
  const { window } = props;
  const snapshot = useSyncExternalStore(
    (run) => window.subscribe(run),
    () => window.snapshot(),
  );
  // The height of the drawing and its legend's first row, so that switching moves nothing around it.
  const maxHeight = props.heightPx + (props.showLegend === false ? 0 : 18);
  return (
    <section
      aria-label={props.label}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must scroll by keyboard.
      tabIndex={0}
      className="overflow-auto px-3.5"
      style={{ maxHeight, height: maxHeight }}
    >
      {snapshot === null || snapshot.tMs.length === 0 ? null : (
        <Rows {...props} snapshot={snapshot} />
      )}
    </section>
  );
}

/** The table itself, of the window as it stands. */
export function Rows({
  snapshot,
  lines,
  unit,
  label,
  language,
  texts,
}: Pick<TimeChartProps, 'lines' | 'unit' | 'label' | 'language' | 'texts'> & {
  readonly snapshot: WindowSnapshot;
}): ReactNode {
  const { tMs, fromMs, toMs, stepMs } = snapshot;
  const print = createTimeFormat(toMs - fromMs, { language, stepMs });
  const columns = lines.map(({ id }) => snapshot.lines.get(id)?.values ?? []);
  const shown = Math.min(MAX_TABLE_ROWS, tMs.length);
  const indexes = Array.from({ length: shown }, (_, i) => tMs.length - 1 - i);
  const figure = (value: number | null | undefined): string =>
    value === null || value === undefined ? NO_FIGURE : formatFigure(value, unit, language).text;
  return (
    <table className="num w-full text-[12px] whitespace-nowrap">
      <caption className="py-1 text-left text-[11px] text-ink-3">
        {texts.tableCaption({ chart: label, shown, total: tMs.length })}
      </caption>
      <thead className="sticky top-0 bg-panel text-[11px] text-ink-3">
        <tr>
          <th scope="col" className="text-left font-normal">
            {texts.time}
          </th>
          {lines.map(({ id, label: name }) => (
            <th key={id} scope="col" className="pl-3 text-right font-normal">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {indexes.map((index) => (
          <tr key={tMs[index]} className="border-t border-line-soft">
            <th scope="row" className="text-left font-normal text-ink-2">
              {print(tMs[index] ?? Number.NaN)}
            </th>
            {columns.map((column, i) => (
              <td key={lines[i]?.id} className="pl-3 text-right">
                {figure(column[index])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
