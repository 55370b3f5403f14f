import { Link } from '@tanstack/react-router';
import { Braces, Keyboard, LayoutDashboard, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { useView } from '../view/view.ts';
import { useShell } from './shell-context.ts';

const ENTRY =
  'flex flex-col items-center justify-center gap-0.5 text-[11px] text-ink-2 active:bg-line-soft';

/** The navigation of small screens. */
export function BottomBar(): ReactNode {
  const { texts } = useView();
  const { run } = useShell();
  return (
    <nav aria-label={texts.mainNavigation} className="bottom-bar">
      <Link
        to="/"
        search={(search) => search}
        aria-current="page"
        className={`${ENTRY} font-medium text-accent-ink`}
      >
        <LayoutDashboard size={18} strokeWidth={1.8} aria-hidden />
        {texts.overview}
      </Link>
      <button type="button" className={ENTRY} onClick={() => run('openCommands')}>
        <Search size={18} strokeWidth={1.8} aria-hidden />
        {texts.commandsShort}
      </button>
      <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer" className={ENTRY}>
        <Braces size={18} strokeWidth={1.8} aria-hidden />
        API
        <span className="sr-only">{texts.opensNewTab}</span>
      </a>
      <button type="button" className={ENTRY} onClick={() => run('openHelp')}>
        <Keyboard size={18} strokeWidth={1.8} aria-hidden />
        {texts.shortcuts}
      </button>
    </nav>
  );
}
