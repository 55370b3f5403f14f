import { type ReactNode, useState } from 'react';
import type { TimeChartProps } from './chart-props.ts';
import { ChartTable } from './chart-table.tsx';
import { Drawing } from './drawing.tsx';
import { Legend } from './legend.tsx';
import type { HiddenLines } from './legend-selection.ts';

/**
 * A chart over time of the lines of a live window. New figures are drawn without React; only a change of properties
 * renders, and a change of what the drawing depends on makes it anew.
 */
export function TimeChart(props: TimeChartProps): ReactNode {
  const [hidden, setHidden] = useState<HiddenLines>(new Set());
  const [readouts] = useState(() => new Map<string, HTMLElement>());
  if (props.table === true) return <ChartTable {...props} />;
  const readout = (id: string) => (element: HTMLElement | null) => {
    if (element === null) readouts.delete(id);
    else readouts.set(id, element);
  };
  return (
    <>
      {props.showLegend !== false && (
        <Legend
          lines={props.lines}
          hidden={hidden}
          onChange={setHidden}
          hint={props.texts.legendHint}
          readout={readout}
        />
      )}
      <Drawing
        key={looksOf(props, hidden)}
        chart={props}
        lines={props.lines.filter(({ id }) => !hidden.has(id))}
        readouts={readouts}
      />
    </>
  );
}

/** Everything that a drawing depends on but its data, its height and the theme, as one string that is equal for equal looks. */
function looksOf(props: TimeChartProps, hidden: HiddenLines): string {
  const { lines, unit, label, kind, yMax, showTimeAxis, threshold, language } = props;
  const looks = { lines, unit, label, kind, yMax, showTimeAxis, threshold, language };
  return JSON.stringify({ ...looks, hidden: [...hidden] });
}
