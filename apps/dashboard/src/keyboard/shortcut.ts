import { COMMANDS, type CommandId } from './command.ts';

/** What matters of a key press. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** Whether the key belongs to an input method, a field, or an open dialog. */
  readonly isTaken: boolean;
}

/** The command of a key press: ⌘K or Ctrl-K anywhere, single keys outside of fields and dialogs, and only while enabled. */
export function commandOf(press: KeyPress, letterKeys: boolean): CommandId | undefined {
  const key = press.key.toLowerCase();
  if (press.ctrlKey || press.metaKey) {
    return key === 'k' && !press.altKey ? 'openCommands' : undefined;
  }
  if (press.altKey || press.isTaken || !letterKeys) return undefined;
  return COMMANDS.find(({ keys }) => keys.includes(key))?.id;
}

/** Fields in which letters are text; the slider of a chart is none. */
const FIELDS =
  'input:not([type="range"]), textarea, select, [contenteditable=""], [contenteditable="true"]';

/** Reads a browser's event; the input methods of Chinese send keys of their own, which are never ours. */
export function keyPressOf(event: KeyboardEvent): KeyPress {
  const { key, ctrlKey, metaKey, altKey, isComposing, target } = event;
  const isInField =
    target instanceof Element && target.closest(`${FIELDS}, [role="dialog"]`) !== null;
  return { key, ctrlKey, metaKey, altKey, isTaken: isComposing || isInField };
}
