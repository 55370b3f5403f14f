import type { LatestFigure, Signal } from '@hubpulse/api';
import {
  ArrowDownRight,
  ArrowUpRight,
  CircleAlert,
  Cpu,
  HardDrive,
  type LucideIcon,
  MemoryStick,
  Timer,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { Sparkline } from '../chart/sparkline.tsx';
import { formatFigure } from '../format/figure.ts';
import { formatAge } from '../format/time.ts';
import { spaced, type TextKey } from '../i18n/dictionary.ts';
import { useView } from '../view/view.ts';
import type { CardState } from './card-state.ts';
import { type Change, changeOf } from './change.ts';
import type { KeyFigure } from './key-figure.ts';
import { type Level, levelOf } from './level.ts';
import { EmptyNote, ErrorNote } from './state-notes.tsx';

/** What a card draws. */
export interface KeyFigureCardProps {
  readonly signal: Signal;
  readonly state: CardState;
  readonly figure: KeyFigure;
  /** Mean over the window before. */
  readonly previousMean: number | null;
  /** The newest figure anywhere within the last day, to jump to. */
  readonly lastAnywhere: LatestFigure | null;
  readonly nowMs: number;
  /** Whether the figure is that of the window before, while the new one is awaited. */
  readonly isDimmed: boolean;
}

const ICONS: Readonly<Record<Signal, LucideIcon>> = {
  cpu: Cpu,
  memory: MemoryStick,
  disk: HardDrive,
  response_time: Timer,
  error_rate: CircleAlert,
};

const LEVEL_LOOK: Readonly<Record<Level, { pill: string; value: string; spark: string }>> = {
  ok: { pill: 'bg-ok-soft text-ok', value: '', spark: '--s1' },
  warning: { pill: 'bg-warn-soft text-warn', value: '', spark: '--warn' },
  critical: { pill: 'bg-crit-soft text-crit', value: 'text-crit', spark: '--crit' },
};

/** One of the five cards: a figure, its level, its course and how it compares. */
export function KeyFigureCard(props: KeyFigureCardProps): ReactNode {
  const { signal, state, figure, isDimmed } = props;
  const { texts } = useView();
  const Icon = ICONS[signal];
  const isFigure = (state === 'ready' || state === 'stale') && figure.newest !== null;
  const level = isFigure && figure.newest ? levelOf(signal, figure.newest.value) : undefined;
  return (
    <section
      className="card kpi"
      data-testid={`card-${signal}`}
      data-state={state}
      data-level={level}
      aria-busy={state === 'loading' || isDimmed}
    >
      {isDimmed && <div className="hairline" />}
      <div className="flex h-[18px] items-center gap-1.5 text-[12px] text-ink-2">
        <Icon
          size={13.5}
          strokeWidth={1.9}
          className="hidden shrink-0 text-ink-3 min-[480px]:block"
          aria-hidden
        />
        <h2 className="truncate font-medium">{texts[signal]}</h2>
        {level && state === 'ready' && <LevelPill signal={signal} level={level} />}
      </div>
      <div className={isDimmed ? 'opacity-60' : ''}>
        <Body {...props} level={level} />
      </div>
    </section>
  );
}

function LevelPill({ signal, level }: { signal: Signal; level: Level }): ReactNode {
  const { texts } = useView();
  const key: TextKey =
    signal === 'response_time' ? (`slowness.${level}` as const) : (`level.${level}` as const);
  return (
    <span
      data-testid="level"
      className={`ml-auto rounded-[5px] px-1.5 text-[10.5px] leading-[17px] font-medium whitespace-nowrap ${LEVEL_LOOK[level].pill}`}
    >
      {texts[key]}
    </span>
  );
}

function Body(props: KeyFigureCardProps & { level: Level | undefined }): ReactNode {
  const { state, lastAnywhere, figure, level } = props;
  switch (state) {
    case 'loading':
      return <Skeleton />;
    case 'error':
      return <ErrorNote isSmall />;
    case 'empty':
      return <EmptyNote isSmall last={lastAnywhere} />;
    case 'ready':
    case 'stale':
      return figure.newest && level ? (
        <FigureBody {...props} newest={figure.newest} level={level} />
      ) : null;
  }
}

function Skeleton(): ReactNode {
  return (
    <>
      <div className="skeleton mt-2 h-5 w-20" />
      <div className="skeleton mt-2.5 h-3 w-28" />
    </>
  );
}

function FigureBody(props: KeyFigureCardProps & { newest: LatestFigure; level: Level }): ReactNode {
  const { state, figure, newest, level, nowMs, previousMean } = props;
  const { language } = useView();
  const { number, unit } = formatFigure(newest.value, figure.unit, language);
  const isStale = state === 'stale';
  return (
    <>
      <div className="mt-1 flex items-end justify-between gap-2">
        <p
          data-testid="value"
          className={`num text-[23px] leading-[28px] font-semibold tracking-[-.02em] whitespace-nowrap ${isStale ? 'text-ink-3' : LEVEL_LOOK[level].value}`}
        >
          {number}
          <span className="ml-0.5 text-[13px] font-medium tracking-normal text-ink-3">{unit}</span>
        </p>
        <Sparkline
          values={figure.values}
          color={isStale ? '--s8' : LEVEL_LOOK[level].spark}
          widthPx={72}
          heightPx={26}
        />
      </div>
      <p className="mt-0.5 flex items-center gap-1 text-[11px] leading-4 text-ink-3">
        {isStale ? (
          <span data-testid="age" className="num truncate font-medium text-warn">
            {spaced(formatAge(nowMs - newest.tMs, language))}
          </span>
        ) : (
          <ChangeNote change={changeOf(figure.mean, previousMean)} />
        )}
      </p>
    </>
  );
}

function ChangeNote({ change }: { change: Change }): ReactNode {
  const { fixed, range, texts } = useView();
  const compared = texts[fixed ? 'previous.fixed' : (`previous.${range}` as const)];
  if (change.kind === 'unknown') return <span className="truncate">{texts.noPrevious}</span>;
  if (change.kind === 'from_zero') return <span className="truncate">{texts.fromZero}</span>;
  if (change.kind === 'unchanged') {
    return (
      <span className="truncate">
        <span className="font-medium text-ink-2">{texts.unchanged}</span> {compared}
      </span>
    );
  }
  return <Difference change={change} compared={compared} />;
}

function Difference(props: {
  change: Extract<Change, { kind: 'up' | 'down' }>;
  compared: string;
}): ReactNode {
  const { change, compared } = props;
  const { texts } = useView();
  const Arrow = change.kind === 'up' ? ArrowUpRight : ArrowDownRight;
  return (
    <>
      <span
        data-testid="change"
        className={`num flex items-center font-medium ${change.isBad ? 'text-crit' : 'text-ink-2'}`}
      >
        <Arrow size={12} aria-hidden />
        <span className="sr-only">{texts[change.kind]} </span>
        {percentText(change.percent)}
      </span>
      <span className="truncate">{compared}</span>
    </>
  );
}

/** Beyond a thousand percent the exact number says nothing more. */
function percentText(percent: number): string {
  return percent >= 1000 ? '>999%' : `${Math.round(percent)}%`;
}
