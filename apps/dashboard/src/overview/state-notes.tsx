import { type LatestFigure, type Overview, SIGNALS } from '@hubpulse/api';
import { Copy, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { createTimeFormat } from '../format/time.ts';
import { fill } from '../i18n/dictionary.ts';
import { useShell } from '../shell/shell-context.ts';
import { useNavigation } from '../view/navigation.ts';
import { around } from '../view/time-window.ts';
import { useView } from '../view/view.ts';
import { useAnswer } from './overview-context.ts';

const ACTION =
  'inline-flex min-h-6 items-center gap-1 rounded-[5px] text-[11.5px] font-medium text-accent-ink hover:underline';

interface NoteProps {
  /** Within a card of one figure, where two lines have to do. */
  readonly isSmall?: boolean;
}

/** Why a card has nothing to show, and the way to its last figure where one is known outside of the window. */
export function EmptyNote({
  isSmall = false,
  last,
}: NoteProps & { last: LatestFigure | null }): ReactNode {
  const { clock } = useDashboard();
  const { overview } = useAnswer();
  const { fixed, language, texts } = useView();
  const navigation = useNavigation();
  if (last === null || isWithin(last, overview)) {
    const isNew = !fixed && !hasAnyFigure(overview);
    return <Note isSmall={isSmall} sentence={isNew ? texts.waiting : texts.noData} />;
  }
  const nowMs = Math.round(clock.nowMs());
  const time = createTimeFormat(nowMs - last.tMs, { language })(last.tMs);
  const jump = (): void => {
    const { fromMs, toMs } = navigation.currentWindow();
    navigation.showWindow(around(last.tMs, toMs - fromMs, nowMs));
  };
  return (
    <Note isSmall={isSmall} sentence={fill(texts.noDataLastAt, { time })}>
      <button type="button" className={ACTION} onClick={jump}>
        {texts.jumpToLast}
      </button>
    </Note>
  );
}

function isWithin({ tMs }: LatestFigure, overview: Overview | undefined): boolean {
  return overview !== undefined && tMs > overview.fromMs && tMs <= overview.toMs;
}

/** Whether anything at all was measured within the last day; else the server has just begun. */
function hasAnyFigure(overview: Overview | undefined): boolean {
  return SIGNALS.some((signal) => overview?.latest[signal]);
}

/** That reading failed, with the code, another try, and what to send to whoever can help. */
export function ErrorNote({ isSmall = false }: NoteProps): ReactNode {
  const { error, retry } = useAnswer();
  const { boot } = useDashboard();
  const { copy } = useShell();
  const { texts } = useView();
  const copyDetails = (): void => {
    const details = {
      code: error?.code,
      status: error?.status,
      message: error?.message,
      page: globalThis.location.href,
      time: new Date().toISOString(),
      version: boot.version,
    };
    copy(JSON.stringify(details, null, 2), texts.copied);
  };
  return (
    <Note
      isSmall={isSmall}
      sentence={texts.failed}
      code={error?.code ?? ''}
      hint={isSmall ? undefined : error?.message}
    >
      <button type="button" className={ACTION} onClick={retry}>
        <RotateCw size={12} aria-hidden />
        {texts.retry}
      </button>
      <button type="button" className={ACTION} onClick={copyDetails}>
        <Copy size={12} aria-hidden />
        {texts.copyDetails}
      </button>
    </Note>
  );
}

interface NoteLook {
  readonly isSmall: boolean;
  readonly sentence: string;
  readonly code?: string;
  readonly hint?: string | undefined;
  readonly children?: ReactNode;
}

function Note({ isSmall, sentence, code, hint, children }: NoteLook): ReactNode {
  const place = isSmall
    ? 'mt-2 text-[12px]'
    : 'pointer-events-none absolute inset-0 grid place-content-center justify-items-center gap-1 px-4 text-center text-[12.5px]';
  // The mouse reaches the chart below, so that a double-click leads back from a zoom to where nothing was measured.
  return (
    <div className={place}>
      <p
        className={`text-ink-2 ${isSmall ? 'truncate' : ''}`}
        title={isSmall ? sentence : undefined}
      >
        {sentence}
        {code && <code className="ml-1.5 font-mono text-[11px] text-crit">{code}</code>}
      </p>
      {hint && <p className="max-w-[52ch] text-[11.5px] text-balance text-ink-3">{hint}</p>}
      {children && (
        <p className={`pointer-events-auto flex gap-3 ${isSmall ? 'mt-0.5' : ''}`}>{children}</p>
      )}
    </div>
  );
}
