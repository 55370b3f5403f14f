import { Outlet } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { tryCopy } from '../app/clipboard.ts';
import { useDashboard } from '../app/dashboard.ts';
import { useLazyPart } from '../app/lazy-part.ts';
import { createTimeFormat } from '../format/time.ts';
import { fill } from '../i18n/dictionary.ts';
import { commandOf, keyPressOf } from '../keyboard/shortcut.ts';
import { useNavigation } from '../view/navigation.ts';
import { useView, type View } from '../view/view.ts';
import { BottomBar } from './bottom-bar.tsx';
import { useCommandRunner } from './command-runner.ts';
import { Notice, useNotice } from './notice.tsx';
import { type OpenPart, ShellContext, type ShellState, useShell } from './shell-context.ts';
import { Sidebar } from './sidebar.tsx';

interface DialogProps {
  readonly onClose: () => void;
}

const loadPalette = () =>
  import('./command-palette.tsx').then(({ CommandPalette }) => (props: DialogProps) => (
    <CommandPalette {...props} />
  ));
const loadHelp = () =>
  import('./help-dialog.tsx').then(({ HelpDialog }) => (props: DialogProps) => (
    <HelpDialog {...props} />
  ));

/** The frame of every page: navigation, shortcuts, palette, help and notices. */
export function Shell(): ReactNode {
  const view = useView();
  const { state, notice } = useShellState(view);
  useShortcuts(state);
  return (
    <ShellContext value={state}>
      <ViewOfDocument view={view} />
      <a
        href="#main"
        className="sr-only z-50 rounded-[7px] bg-raised px-3 py-2 text-ink shadow-[var(--pop)] focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {view.texts.skip}
      </a>
      <div className="shell">
        <Sidebar />
        <div className="shell-page">
          <Outlet />
        </div>
        <BottomBar />
      </div>
      <Notice sentence={notice} />
      <OpenDialogs />
    </ShellContext>
  );
}

/** Puts the view on the document. It stands before the page, so that charts find the new colours when they draw. */
function ViewOfDocument({ view }: { view: View }): ReactNode {
  const { language, theme, texts } = view;
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    document.documentElement.lang = language;
    document.title = `${texts.overview} · ${texts.product}`;
  }, [language, theme, texts]);
  return null;
}

function OpenDialogs(): ReactNode {
  const { open, failPart, setOpen } = useShell();
  const close = useCallback(() => setOpen(null), [setOpen]);
  const drawPalette = useLazyPart(loadPalette, {
    isWanted: open === 'commands',
    onFailure: failPart,
  });
  const drawHelp = useLazyPart(loadHelp, { isWanted: open === 'help', onFailure: failPart });
  return (
    <>
      {open === 'commands' && drawPalette?.({ onClose: close })}
      {open === 'help' && drawHelp?.({ onClose: close })}
    </>
  );
}

function useShellState(view: View): { state: ShellState; notice: string } {
  const { preferences } = useDashboard();
  const { texts } = view;
  const { notice, announce } = useNotice();
  const [isPaused, setPaused] = useState(false);
  const [showsTables, setShowsTables] = useState(false);
  const [letterKeys, setLetterKeys] = useState(() => preferences.letterKeys());
  const [open, setOpen] = useState<OpenPart | null>(null);

  const copy = useCallback(
    (text: string, done: string) => {
      void tryCopy(text).then((copied) =>
        announce(copied ? done : fill(texts.copyFailed, { text })),
      );
    },
    [announce, texts],
  );
  const copyLink = useCopyLink(view, copy);
  const targets = useMemo(
    () => ({
      view,
      isPaused,
      setPaused,
      setOpen,
      copyLink,
      toggleTables: () => {
        announce(showsTables ? texts.tablesOff : texts.tablesOn);
        setShowsTables(!showsTables);
      },
    }),
    [view, texts, isPaused, showsTables, announce, copyLink],
  );
  const run = useCommandRunner(targets);
  const state = useMemo(
    (): ShellState => ({
      ...{ isPaused, showsTables, letterKeys, open, setOpen, run, announce, copy },
      setLetterKeys: (enabled) => {
        preferences.rememberLetterKeys(enabled);
        setLetterKeys(enabled);
      },
      failPart: () => {
        setOpen(null);
        announce(texts.partFailed);
      },
    }),
    [isPaused, showsTables, letterKeys, open, run, announce, copy, preferences, texts],
  );
  return { state, notice };
}

/** Copies the address of what is shown now, fixed in time: whoever opens it later sees the same. */
function useCopyLink(
  { language, range, texts }: View,
  copy: (text: string, done: string) => void,
): () => void {
  const navigation = useNavigation();
  return useCallback(() => {
    const { fromMs, toMs } = navigation.currentWindow();
    const link = new URL(globalThis.location.pathname, globalThis.location.origin);
    link.search = new URLSearchParams({
      range,
      from: String(fromMs),
      to: String(toMs),
    }).toString();
    const print = createTimeFormat(toMs - fromMs, { language });
    copy(link.href, fill(texts.linkCopied, { from: print(fromMs), to: print(toMs) }));
  }, [copy, language, navigation, range, texts]);
}

function useShortcuts({ letterKeys, run }: ShellState): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const command = commandOf(keyPressOf(event), letterKeys);
      if (command === undefined) return;
      event.preventDefault();
      run(command);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [letterKeys, run]);
}
