import type { LatestFigure } from '@hubpulse/api';
import type { ReactNode } from 'react';
import type { CardState } from './card-state.ts';
import { Fitted } from './fitted.tsx';
import { EmptyNote, ErrorNote } from './state-notes.tsx';

/** The frame of one chart, or of two that share a time axis. */
export interface ChartCardProps {
  readonly testId: string;
  readonly title: string;
  readonly note?: string | undefined;
  /** Its place in the grid. */
  readonly className: string;
  readonly state: Exclude<CardState, 'stale'>;
  readonly isDimmed: boolean;
  /** The newest figure anywhere within the last day, to jump to when the window has none. */
  readonly lastAnywhere: LatestFigure | null;
  /** Draws the charts into so many pixels, legends not counted. */
  readonly children: (heightPx: number) => ReactNode;
}

/** A chart in its frame; the frame keeps its size whatever happens inside. */
export function ChartCard(props: ChartCardProps): ReactNode {
  const { testId, title, note, className, state, isDimmed, lastAnywhere, children } = props;
  return (
    <section
      className={`card panel ${className}`}
      data-testid={testId}
      data-state={state}
      aria-busy={state === 'loading' || isDimmed}
    >
      {isDimmed && <div className="hairline" />}
      <header className="flex h-[34px] flex-none items-center gap-2 px-3.5 pt-1">
        <h2 className="truncate text-[13px] font-semibold tracking-[-.005em]">{title}</h2>
        {note && <span className="truncate text-[11.5px] text-ink-3">{note}</span>}
      </header>
      <div className={`relative min-h-0 flex-1 overflow-hidden ${isDimmed ? 'opacity-60' : ''}`}>
        {state === 'loading' && <Skeleton />}
        {state === 'error' && <ErrorNote />}
        {(state === 'ready' || state === 'empty') && <Fitted>{children}</Fitted>}
        {state === 'empty' && <EmptyNote last={lastAnywhere} />}
      </div>
    </section>
  );
}

function Skeleton(): ReactNode {
  return (
    <div className="flex h-full flex-col gap-3 px-3.5 pt-1 pb-3">
      <div className="skeleton h-3 w-40" />
      <div className="skeleton flex-1" />
    </div>
  );
}
