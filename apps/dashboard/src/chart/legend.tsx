import type { KeyboardEvent, ReactNode } from 'react';
import type { ChartLine } from './chart-props.ts';
import { type HiddenLines, selectLine } from './legend-selection.ts';

interface LegendProps {
  readonly lines: readonly ChartLine[];
  readonly hidden: HiddenLines;
  readonly onChange: (hidden: HiddenLines) => void;
  readonly hint: string;
  /** Tells where the value of a line is written; the chart writes there without React. */
  readonly readout: (id: string) => (element: HTMLElement | null) => void;
}

/** A chart's legend, which reads out the values and chooses the lines. */
export function Legend({ lines, hidden, onChange, hint, readout }: LegendProps): ReactNode {
  const ids = lines.map(({ id }) => id);
  const choose = (id: string, event: Modifiers): void =>
    onChange(selectLine(hidden, id, { ids, toggle: isToggle(event) }));
  const onKeyDown = (id: string, event: KeyboardEvent): void => {
    // Browsers press a button with Enter or Space alone; with a modifier held nothing would happen.
    if (!isToggle(event) || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    event.stopPropagation();
    choose(id, event);
  };
  return (
    <ul className="flex flex-wrap gap-x-2 px-2.5 text-[11.5px] leading-[18px] text-ink-2">
      {lines.map(({ id, label, color }) => (
        <li key={id} className="min-w-0">
          <button
            type="button"
            title={hint}
            aria-pressed={!hidden.has(id)}
            onClick={(event) => choose(id, event)}
            onKeyDown={(event) => onKeyDown(id, event)}
            className="flex max-w-full cursor-pointer items-center gap-1.5 rounded px-1 whitespace-nowrap hover:bg-sunken aria-[pressed=false]:opacity-45"
          >
            <i
              aria-hidden
              className="h-[3px] w-2.5 shrink-0 rounded-full"
              style={{ background: `var(${color})` }}
            />
            <span className="truncate text-ink-3">{label}</span>
            <span className="num min-w-[3em] text-left font-medium text-ink" ref={readout(id)} />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface Modifiers {
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

function isToggle({ ctrlKey, metaKey, altKey }: Modifiers): boolean {
  return ctrlKey || metaKey || altKey;
}
