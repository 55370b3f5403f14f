import { Popover } from 'radix-ui';
import { type FormEvent, type ReactNode, useId, useMemo, useState } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { fill } from '../i18n/dictionary.ts';
import { useNavigation } from '../view/navigation.ts';
import {
  type FixedWindow,
  MAX_WINDOW_MS,
  MIN_WINDOW_MS,
  type WindowProblem,
  windowProblem,
} from '../view/time-window.ts';
import { useView } from '../view/view.ts';

/** A popover with two fields of date and time, in the reader's own time zone. */
export function CustomRange(props: { anchor: HTMLElement; onClose: () => void }): ReactNode {
  const { anchor, onClose } = props;
  const { texts } = useView();
  const place = useMemo(() => ({ current: anchor }), [anchor]);
  return (
    <Popover.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Popover.Anchor virtualRef={place} />
      <Popover.Portal>
        <Popover.Content
          aria-label={texts.customRange}
          sideOffset={8}
          align="end"
          collisionPadding={12}
          className="z-40 w-[280px] max-w-[calc(100vw-24px)] rounded-[10px] border border-line bg-raised p-3.5 text-[12.5px] shadow-[var(--pop)]"
          onInteractOutside={(event) => {
            // The button closes by itself; closing here first would make it open again.
            if (anchor.contains(event.target as Node)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            anchor.focus();
          }}
        >
          <WindowForm onDone={onClose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const FIELD =
  'mt-1 block h-8 w-full rounded-[7px] border border-line-strong bg-panel px-2 text-[12.5px] text-ink aria-invalid:border-crit';

function WindowForm({ onDone }: { onDone: () => void }): ReactNode {
  const { clock } = useDashboard();
  const navigation = useNavigation();
  const { texts } = useView();
  const id = useId();
  const [initial] = useState(() => navigation.currentWindow());
  const [problem, setProblem] = useState<WindowProblem>();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const window = { fromMs: instantOf(fields.get('from')), toMs: instantOf(fields.get('to')) };
    const found = windowProblem(window, clock.nowMs());
    setProblem(found);
    if (found) {
      const name = isAboutEnd(found) ? 'to' : 'from';
      event.currentTarget.querySelector<HTMLInputElement>(`[name="${name}"]`)?.focus();
      return;
    }
    navigation.showWindow(window);
    onDone();
  };
  const shared = {
    type: 'datetime-local',
    step: 1,
    className: FIELD,
    'aria-describedby': `${id}-problem`,
  } as const;
  return (
    <form noValidate onSubmit={submit}>
      <label className="block font-medium text-ink-2">
        {texts.from}
        <input
          {...shared}
          name="from"
          data-testid="custom-from"
          defaultValue={localText(initial.fromMs)}
          aria-invalid={problem !== undefined && !isAboutEnd(problem)}
        />
      </label>
      <label className="mt-2.5 block font-medium text-ink-2">
        {texts.to}
        <input
          {...shared}
          name="to"
          data-testid="custom-to"
          defaultValue={localText(initial.toMs)}
          aria-invalid={problem !== undefined && problem !== 'fromMissing'}
        />
      </label>
      <p className="mt-2 text-[11.5px] text-ink-3">
        {fill(texts.browserZone, { zone: new Intl.DateTimeFormat().resolvedOptions().timeZone })}
      </p>
      <p id={`${id}-problem`} role="alert" className="mt-1 text-[12px] text-crit empty:hidden">
        {problem && fill(texts[problem], LIMITS)}
      </p>
      <button
        type="submit"
        data-testid="custom-apply"
        className="mt-2.5 h-8 w-full rounded-[7px] bg-accent text-[12.5px] font-medium text-on-accent hover:bg-accent-ink"
      >
        {texts.apply}
      </button>
    </form>
  );
}

/** Whether only the end of the window has to be corrected. */
function isAboutEnd(problem: WindowProblem): boolean {
  return problem === 'toMissing' || problem === 'inFuture';
}

/** What the messages about a length name. */
const LIMITS = { seconds: MIN_WINDOW_MS / 1000, days: MAX_WINDOW_MS / 86_400_000 };

/** The value of a `datetime-local` field for an instant: local time, to the second. */
function localText(tMs: FixedWindow['fromMs']): string {
  const shifted = new Date(tMs - new Date(tMs).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
}

/** The instant of a field, Unix milliseconds; `NaN` for an empty one. */
function instantOf(value: FormDataEntryValue | null): number {
  return typeof value === 'string' ? new Date(value).getTime() : Number.NaN;
}
