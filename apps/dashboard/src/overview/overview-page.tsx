import { SIGNALS } from '@hubpulse/api';
import { type ReactNode, useMemo } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { useLiveStatus, useLiveWindowChanges, useTicking } from '../app/ticking.ts';
import { useShell } from '../shell/shell-context.ts';
import { TopBar } from '../shell/top-bar.tsx';
import { useView } from '../view/view.ts';
import { cardStateOf } from './card-state.ts';
import { ChartGrid } from './chart-grid.tsx';
import { keyFigureOf } from './key-figure.ts';
import { KeyFigureCard } from './key-figure-card.tsx';
import { POLL_MS, useOverviewAnswer } from './overview-answer.ts';
import { OverviewContext, useAnswer } from './overview-context.ts';
import { ServerNote } from './server-note.tsx';

/** The overview: is anything wrong, and since when? */
export function OverviewPage(): ReactNode {
  const view = useView();
  const { isPaused } = useShell();
  const answer = useOverviewAnswer(view, isPaused);
  const { phase, overview, error, retry } = answer;
  const stable = useMemo(
    () => ({ phase, overview, error, retry }),
    [phase, overview, error, retry],
  );
  return (
    <OverviewContext value={stable}>
      <TopBar note={<ServerNote />} isServerAway={error?.status === 0} />
      <main id="main" tabIndex={-1} className="overview outline-none">
        <KeyFigures />
        <ChartGrid />
      </main>
    </OverviewContext>
  );
}

function KeyFigures(): ReactNode {
  const { fixed, texts } = useView();
  const { isPaused } = useShell();
  const { phase, overview, error } = useAnswer();
  const { clock, liveWindow } = useDashboard();
  const { state: liveState } = useLiveStatus();
  const follows = fixed === undefined && !isPaused;
  useLiveWindowChanges();
  useTicking(1000, follows);
  const isDimmed = phase === 'awaited' && overview !== undefined;
  const nowMs = clock.nowMs();
  const frameMs = liveWindow.frameIntervalMs();
  const isPolled = liveState === 'polling' && error === undefined;
  return (
    <section aria-label={texts.keyFigures} className="kpis">
      {SIGNALS.map((signal) => {
        const figure = keyFigureOf(signal, { liveWindow, follows: fixed === undefined });
        const state = cardStateOf({
          answer: isDimmed ? 'here' : phase,
          newestMs: figure.newest?.tMs ?? null,
          follows,
          nowMs,
          intervalMs: isPolled ? Math.max(frameMs, POLL_MS) : frameMs,
        });
        return (
          <KeyFigureCard
            key={signal}
            signal={signal}
            state={state}
            figure={figure}
            previousMean={overview?.previous[signal] ?? null}
            lastAnywhere={overview?.latest[signal] ?? null}
            nowMs={nowMs}
            isDimmed={isDimmed}
          />
        );
      })}
    </section>
  );
}
