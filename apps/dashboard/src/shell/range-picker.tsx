import { RANGES } from '@hubpulse/api';
import { CalendarRange } from 'lucide-react';
import { type ComponentProps, type ReactNode, useCallback, useState } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { useLazyPart } from '../app/lazy-part.ts';
import { formatWindow } from '../format/time.ts';
import { fill } from '../i18n/dictionary.ts';
import type { FixedWindow } from '../view/time-window.ts';
import { useView, type View } from '../view/view.ts';
import { useShell } from './shell-context.ts';

const loadCustomRange = () =>
  import('./custom-range.tsx').then(
    ({ CustomRange }) =>
      (props: ComponentProps<typeof CustomRange>) => <CustomRange {...props} />,
  );

const CHOICE =
  'h-full flex-1 rounded-[5px] px-2 md:flex-none text-[12px] font-medium whitespace-nowrap text-ink-3 hover:text-ink aria-pressed:bg-panel aria-pressed:text-ink aria-pressed:shadow-[0_0_0_1px_var(--line)] dark:aria-pressed:bg-raised';

/** The named ranges, and the window that stands still where there is one. */
export function RangePicker(): ReactNode {
  const { clock } = useDashboard();
  const view = useView();
  const { fixed, range, texts } = view;
  const { run, open, setOpen, failPart } = useShell();
  const [custom, setCustom] = useState<HTMLButtonElement | null>(null);
  const isOpen = open === 'customRange';
  const close = useCallback(() => setOpen(null), [setOpen]);
  const drawCustomRange = useLazyPart(loadCustomRange, { isWanted: isOpen, onFailure: failPart });
  return (
    <fieldset
      aria-label={texts.timeRange}
      className="num order-last flex h-7 min-w-0 basis-full items-center rounded-[7px] border border-line bg-sunken p-[2px] md:order-none md:basis-auto"
    >
      {RANGES.map((choice) => (
        <button
          key={choice}
          type="button"
          data-testid={`range-${choice}`}
          className={CHOICE}
          aria-pressed={!fixed && choice === range}
          title={texts[`last.${choice}`]}
          onClick={() => run(`range.${choice}`)}
        >
          {texts[`range.${choice}`]}
        </button>
      ))}
      <button
        ref={setCustom}
        type="button"
        data-testid="range-custom"
        className={`${CHOICE} flex items-center justify-center gap-1.5 max-md:min-w-0 ${fixed ? 'max-md:flex-[3]' : ''}`}
        aria-pressed={fixed !== undefined}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        title={fixed ? windowText(fixed, view) : texts.customRange}
        onClick={() => setOpen(isOpen ? null : 'customRange')}
      >
        <CalendarRange size={13} className="hidden shrink-0 md:block" aria-hidden />
        <span className="truncate">
          {fixed
            ? formatWindow(fixed, { language: view.language, nowMs: clock.nowMs() })
            : texts.custom}
        </span>
      </button>
      {isOpen && custom && drawCustomRange?.({ anchor: custom, onClose: close })}
    </fieldset>
  );
}

function windowText({ fromMs, toMs }: FixedWindow, { language, texts }: View): string {
  const print = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  return fill(texts.zoomed, { from: print.format(fromMs), to: print.format(toMs) });
}
