import type { LatestFigure } from '@hubpulse/api';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import type { CardState } from './card-state.ts';
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
  const { outer, inner, heightPx, drawn } = useFittedHeight(state);
  return (
    <section
      className={`card panel ${className}`}
      data-testid={testId}
      data-state={state}
      aria-busy={state === 'loading' || isDimmed}
      aria-labelledby={`title-${testId}`}
    >
      {isDimmed && <div className="hairline" />}
      <header className="flex h-[34px] flex-none items-center gap-2 px-3.5 pt-1">
        <h2
          id={`title-${testId}`}
          className="truncate text-[13px] font-semibold tracking-[-.005em]"
        >
          {title}
        </h2>
        {note && <span className="truncate text-[11.5px] text-ink-3">{note}</span>}
      </header>
      <div
        ref={outer}
        className={`relative min-h-0 flex-1 overflow-hidden pb-1.5 ${isDimmed ? 'opacity-60' : ''}`}
      >
        {state === 'loading' && <Skeleton />}
        {state === 'error' && <ErrorNote />}
        {(state === 'ready' || state === 'empty') && (
          <div ref={inner} data-drawn-px={drawn}>
            {heightPx > 0 && children(heightPx)}
          </div>
        )}
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

/** One row of a legend, which most charts have: the first guess of what the drawing cannot use. */
const LEGEND_ROW_PX = 18;

/** The padding below the drawing. */
const PADDING_PX = 6;

/** Less than this is no drawing. */
const SMALLEST_PX = 60;

/**
 * How high the drawing may be so that it fills its frame beside whatever else stands in it. The frame tells its height,
 * the content what it needs around the drawing; one measurement later both fit.
 */
function useFittedHeight(state: CardState) {
  const outer = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ frame: 0, around: LEGEND_ROW_PX });
  const heightPx = size.frame === 0 ? 0 : Math.max(SMALLEST_PX, size.frame - size.around);
  useLayoutEffect(() => {
    const measure = (): void => {
      const frame = (outer.current?.clientHeight ?? 0) - PADDING_PX;
      const content = inner.current?.offsetHeight ?? 0;
      const drawn = Number(inner.current?.dataset['drawnPx'] ?? 0);
      setSize((previous) => {
        const around = content > 0 && drawn > 0 ? content - drawn : previous.around;
        return frame === previous.frame && around === previous.around
          ? previous
          : { frame, around };
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    if (outer.current) observer.observe(outer.current);
    if (inner.current) observer.observe(inner.current);
    return () => observer.disconnect();
    // With the state the content comes and goes.
  }, [heightPx, state]);
  return { outer, inner, heightPx, drawn: heightPx };
}
