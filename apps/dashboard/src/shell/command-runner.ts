import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { otherLanguage } from '../i18n/language.ts';
import type { CommandId } from '../keyboard/command.ts';
import { OVERVIEW_KEY } from '../overview/overview-answer.ts';
import { type Navigation, useNavigation } from '../view/navigation.ts';
import { otherTheme } from '../view/theme.ts';
import type { View } from '../view/view.ts';
import { ENDPOINT_LINKS } from './endpoint-links.ts';
import type { OpenPart } from './shell-context.ts';

/** What commands change besides the URL. */
export interface CommandTargets {
  readonly view: View;
  readonly isPaused: boolean;
  setPaused(isPaused: boolean): void;
  toggleTables(): void;
  setOpen(part: OpenPart): void;
  copyLink(): void;
}

type Actions = Readonly<Record<CommandId, () => void>>;

/** Gives the function that carries out a command. */
export function useCommandRunner(targets: CommandTargets): (command: CommandId) => void {
  const navigation = useNavigation();
  const queries = useQueryClient();
  return useMemo(() => {
    const refresh = (): void => void queries.invalidateQueries({ queryKey: [OVERVIEW_KEY] });
    const actions: Actions = {
      ...timeActions(navigation),
      ...displayActions(navigation, targets, refresh),
      ...pageActions(targets),
    };
    return (command) => actions[command]();
  }, [navigation, queries, targets]);
}

function timeActions(navigation: Navigation) {
  return {
    'range.5m': () => navigation.follow('5m'),
    'range.1h': () => navigation.follow('1h'),
    'range.6h': () => navigation.follow('6h'),
    'range.24h': () => navigation.follow('24h'),
    shiftBack: () => navigation.shift(-1),
    shiftForward: () => navigation.shift(1),
    zoomIn: () => navigation.zoomBy(0.5),
    zoomOut: () => navigation.zoomBy(2),
    resetZoom: () => navigation.resetZoom(),
  };
}

function displayActions(navigation: Navigation, targets: CommandTargets, refresh: () => void) {
  const { view, isPaused } = targets;
  return {
    toggleLive: () => {
      if (view.fixed) navigation.follow(view.range);
      else if (isPaused) refresh();
      targets.setPaused(view.fixed ? false : !isPaused);
    },
    toggleTheme: () => navigation.setTheme(otherTheme(view.theme)),
    changeLanguage: () => navigation.setLanguage(otherLanguage(view.language)),
    toggleTables: () => targets.toggleTables(),
    copyLink: () => targets.copyLink(),
  };
}

function pageActions({ setOpen }: CommandTargets) {
  const openLink = (id: CommandId) => (): void => {
    const link = ENDPOINT_LINKS.find((candidate) => candidate.id === id);
    if (link) window.open(link.path, '_blank', 'noopener');
  };
  return {
    custom: () => setOpen('customRange'),
    openHelp: () => setOpen('help'),
    openCommands: () => setOpen('commands'),
    overview: () => document.getElementById('main')?.focus(),
    apiDescription: openLink('apiDescription'),
    ownMetrics: openLink('ownMetrics'),
    health: openLink('health'),
    readiness: openLink('readiness'),
  };
}
