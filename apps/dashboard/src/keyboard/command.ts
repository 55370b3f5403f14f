import type { TextKey } from '../i18n/dictionary.ts';

/** Everything that can be done from the keyboard, the palette and the buttons alike. */
export type CommandId =
  | 'range.5m'
  | 'range.1h'
  | 'range.6h'
  | 'range.24h'
  | 'custom'
  | 'shiftBack'
  | 'shiftForward'
  | 'zoomIn'
  | 'zoomOut'
  | 'resetZoom'
  | 'toggleLive'
  | 'toggleTheme'
  | 'changeLanguage'
  | 'toggleTables'
  | 'copyLink'
  | 'openHelp'
  | 'openCommands'
  | 'overview'
  | 'apiDescription'
  | 'ownMetrics'
  | 'health'
  | 'readiness';

/** One entry of the palette and of the help. */
export interface Command {
  readonly id: CommandId;
  readonly text: TextKey;
  readonly group: 'command.time' | 'command.view' | 'command.navigate';
  /** The keys that run it, as `KeyboardEvent.key`; the first is shown. None for what has no single key. */
  readonly keys: readonly string[];
}

/** All commands, in the order in which they are shown. */
export const COMMANDS: readonly Command[] = [
  { id: 'range.5m', text: 'last.5m', group: 'command.time', keys: ['1'] },
  { id: 'range.1h', text: 'last.1h', group: 'command.time', keys: ['2'] },
  { id: 'range.6h', text: 'last.6h', group: 'command.time', keys: ['3'] },
  { id: 'range.24h', text: 'last.24h', group: 'command.time', keys: ['4'] },
  { id: 'custom', text: 'customRange', group: 'command.time', keys: ['5'] },
  { id: 'shiftBack', text: 'shiftBack', group: 'command.time', keys: ['['] },
  { id: 'shiftForward', text: 'shiftForward', group: 'command.time', keys: [']'] },
  { id: 'zoomIn', text: 'zoomIn', group: 'command.time', keys: ['+', '='] },
  { id: 'zoomOut', text: 'zoomOut', group: 'command.time', keys: ['-', '−'] },
  { id: 'resetZoom', text: 'resetZoom', group: 'command.time', keys: ['0'] },
  { id: 'toggleLive', text: 'toggleLive', group: 'command.view', keys: ['p'] },
  { id: 'toggleTables', text: 'toggleTables', group: 'command.view', keys: ['v'] },
  { id: 'toggleTheme', text: 'toggleTheme', group: 'command.view', keys: ['t'] },
  { id: 'changeLanguage', text: 'changeLanguage', group: 'command.view', keys: ['l'] },
  { id: 'copyLink', text: 'copyLink', group: 'command.view', keys: ['c'] },
  { id: 'openHelp', text: 'openHelp', group: 'command.view', keys: ['?'] },
  { id: 'overview', text: 'overview', group: 'command.navigate', keys: [] },
  { id: 'apiDescription', text: 'apiDescription', group: 'command.navigate', keys: [] },
  { id: 'ownMetrics', text: 'ownMetrics', group: 'command.navigate', keys: [] },
  { id: 'health', text: 'health', group: 'command.navigate', keys: [] },
  { id: 'readiness', text: 'readiness', group: 'command.navigate', keys: [] },
];
