import { Languages, Moon, Search, Sun } from 'lucide-react';
import type { ReactNode } from 'react';
import { useView } from '../view/view.ts';
import { LiveChip } from './live-chip.tsx';
import { RangePicker } from './range-picker.tsx';
import { useShell } from './shell-context.ts';

interface TopBarProps {
  readonly note: ReactNode;
  /** Whether the server does not answer at all. */
  readonly isServerAway: boolean;
}

/** The bar above a page: what it is, what is to be said about it, and the controls of time and look. */
export function TopBar({ note, isServerAway }: TopBarProps): ReactNode {
  const { texts } = useView();
  const { run } = useShell();
  return (
    <header className="top-bar">
      <h1 className="mr-1 text-[14px] font-semibold">{texts.overview}</h1>
      <div className="order-last min-w-0 basis-full empty:hidden xl:order-none xl:basis-auto">
        {note}
      </div>
      <button
        type="button"
        className="control ml-auto hidden w-[196px] text-ink-3! xl:flex"
        onClick={() => run('openCommands')}
      >
        <Search size={13} className="shrink-0" aria-hidden />
        {texts.searchCommands}
        <kbd className="kbd ml-auto">{commandKey()}</kbd>
      </button>
      <RangePicker />
      <div className="ml-auto flex items-center gap-2 xl:ml-0">
        <LiveChip isServerAway={isServerAway} />
        <LanguageButton />
        <ThemeButton />
      </div>
    </header>
  );
}

function LanguageButton(): ReactNode {
  const { texts } = useView();
  const { run } = useShell();
  return (
    <button
      type="button"
      data-testid="lang"
      className="control px-2!"
      aria-label={texts.switchLanguage}
      title={texts.switchLanguage}
      onClick={() => run('changeLanguage')}
    >
      <Languages size={14} aria-hidden />
    </button>
  );
}

function ThemeButton(): ReactNode {
  const { texts, theme } = useView();
  const { run } = useShell();
  const text = theme === 'dark' ? texts.toLight : texts.toDark;
  const Icon = theme === 'dark' ? Sun : Moon;
  return (
    <button
      type="button"
      data-testid="theme"
      className="control px-2!"
      aria-label={text}
      title={text}
      onClick={() => run('toggleTheme')}
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}

/** How the reader's keyboard names the key of the palette. */
function commandKey(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';
}
