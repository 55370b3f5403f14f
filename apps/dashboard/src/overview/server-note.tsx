import { CloudOff } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { createTimeFormat } from '../format/time.ts';
import { fill } from '../i18n/dictionary.ts';
import { useShell } from '../shell/shell-context.ts';
import { useView } from '../view/view.ts';
import { useAnswer } from './overview-context.ts';

/** An hour: short enough for a time with seconds. */
const WITH_SECONDS_MS = 3_600_000;

/** Says that the server does not answer, and how old the shown data are; says so too when it is back. */
export function ServerNote(): ReactNode {
  const { error } = useAnswer();
  const { announce } = useShell();
  const { liveWindow } = useDashboard();
  const { language, texts } = useView();
  const isAway = error?.status === 0;
  const wasAway = useRef(false);
  useEffect(() => {
    if (wasAway.current && !isAway) announce(texts.online);
    wasAway.current = isAway;
  }, [isAway, announce, texts]);
  if (!isAway) return null;
  const upTo = Math.max(
    0,
    ...['cpu', 'memory', 'disk'].map((id) => liveWindow.latest(id)?.tMs ?? 0),
  );
  const time = createTimeFormat(WITH_SECONDS_MS, { language })(upTo);
  const sentence = upTo > 0 ? fill(texts.offline, { time }) : texts.offlineNoData;
  return (
    <p
      role="alert"
      data-testid="server-away"
      className="flex min-h-7 min-w-0 items-center gap-1.5 rounded-[7px] bg-warn-soft px-2.5 py-1 text-[12px] font-medium text-warn"
    >
      <CloudOff size={14} className="shrink-0" aria-hidden />
      <span className="num">{sentence}</span>
    </p>
  );
}
