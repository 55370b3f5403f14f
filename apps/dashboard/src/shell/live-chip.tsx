import { Pause, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLiveStatus, useTicking } from '../app/ticking.ts';
import { fill } from '../i18n/dictionary.ts';
import type { LiveState } from '../live/live-stream.ts';
import { useView } from '../view/view.ts';
import { useShell } from './shell-context.ts';

const INK: Readonly<Record<LiveState, string>> = {
  connecting: 'text-ink-3!',
  live: 'text-ok!',
  reconnecting: 'text-warn!',
  polling: 'text-warn!',
  paused: 'text-ink-3!',
};

/** Whether figures come live, and the button that stops and resumes them. */
export function LiveChip({ isServerAway }: { isServerAway: boolean }): ReactNode {
  const { fixed, texts } = useView();
  const { isPaused, run } = useShell();
  const { state, sinceMs } = useLiveStatus();
  const nowMs = useTicking(1000, state === 'reconnecting' || state === 'polling');
  const isStopped = isPaused || fixed !== undefined;
  const shown = isStopped ? 'paused' : runningState(state, isServerAway);
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1000));
  const action = isStopped ? texts.resumeLive : texts.pauseLive;
  const Icon = isStopped ? Play : Pause;
  return (
    <button
      type="button"
      data-testid="live"
      data-state={shown}
      title={action}
      onClick={() => run('toggleLive')}
      className={`control group font-medium ${INK[shown]}`}
    >
      <span className="grid size-3 place-items-center" aria-hidden>
        {!isStopped && (
          <i
            className="live-dot group-hover:hidden group-focus-visible:hidden"
            data-pulse={state === 'live'}
          />
        )}
        <Icon
          size={12}
          className={isStopped ? '' : 'hidden group-hover:block group-focus-visible:block'}
        />
      </span>
      <span className="num">{fill(texts[`live.${shown}`], { seconds })}</span>
      <span className="sr-only">, {action}</span>
    </button>
  );
}

/**
 * A stream that rests although nobody stopped it waits for the first answer; and a refresh every 30 s is no truth while
 * the server does not answer that either.
 */
function runningState(state: LiveState, isServerAway: boolean): LiveState {
  if (state === 'polling' && isServerAway) return 'reconnecting';
  return state === 'paused' ? 'connecting' : state;
}
