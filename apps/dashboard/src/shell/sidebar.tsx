import { Link } from '@tanstack/react-router';
import {
  Activity,
  ArrowUpRight,
  Braces,
  ChartLine,
  HeartPulse,
  Keyboard,
  LayoutDashboard,
  type LucideIcon,
  PlugZap,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { useDashboard } from '../app/dashboard.ts';
import { fill } from '../i18n/dictionary.ts';
import { useView } from '../view/view.ts';
import { ENDPOINT_LINKS } from './endpoint-links.ts';
import { useShell } from './shell-context.ts';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  apiDescription: Braces,
  ownMetrics: ChartLine,
  health: HeartPulse,
  readiness: PlugZap,
};

const ENTRY =
  'flex h-[30px] w-full items-center gap-2 rounded-[7px] px-2 text-[13px] text-ink-2 hover:bg-line-soft hover:text-ink';

/** The navigation at the left edge; below 768 px `BottomBar` takes its place. */
export function Sidebar(): ReactNode {
  const { texts } = useView();
  const { run } = useShell();
  const { boot } = useDashboard();
  return (
    <aside className="sidebar">
      <div className="brand">
        <span className="brand-mark">
          <Activity size={14} strokeWidth={2.6} aria-hidden />
        </span>
        {texts.product}
      </div>
      <nav aria-label={texts.mainNavigation} className="flex-1">
        <Link
          to="/"
          search={(search) => search}
          aria-current="page"
          className={`${ENTRY} bg-panel font-medium text-ink! shadow-[0_0_0_1px_var(--line)] dark:bg-raised`}
        >
          <LayoutDashboard size={15} strokeWidth={1.8} className="text-accent" aria-hidden />
          {texts.overview}
        </Link>
        <h2 className="mt-3.5 px-2 pb-1 text-[11px] font-medium text-ink-3">{texts.endpoints}</h2>
        {ENDPOINT_LINKS.map(({ id, path }) => (
          <EndpointLink key={id} icon={ICONS[id] ?? Braces} path={path} text={texts[id]} />
        ))}
      </nav>
      <button type="button" className={ENTRY} onClick={() => run('openHelp')}>
        <Keyboard size={15} strokeWidth={1.8} className="text-ink-3" aria-hidden />
        <span className="truncate">{texts.shortcuts}</span>
        <kbd className="kbd ml-auto">?</kbd>
      </button>
      {boot.version !== undefined && (
        <p className="num mt-2 border-t border-line px-2 pt-2.5 text-[11.5px] text-ink-3">
          {fill(texts.version, { version: boot.version })}
        </p>
      )}
    </aside>
  );
}

function EndpointLink(props: { icon: LucideIcon; path: string; text: string }): ReactNode {
  const { icon: Icon, path, text } = props;
  const { texts } = useView();
  return (
    <a href={path} target="_blank" rel="noreferrer" className={`group ${ENTRY}`}>
      <Icon size={15} strokeWidth={1.8} className="text-ink-3" aria-hidden />
      {text}
      <span className="sr-only">{texts.opensNewTab}</span>
      <ArrowUpRight
        size={13}
        className="ml-auto text-ink-3 opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100"
        aria-hidden
      />
    </a>
  );
}
