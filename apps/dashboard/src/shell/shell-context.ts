import { createContext, useContext } from 'react';
import type { CommandId } from '../keyboard/command.ts';

/** Something that opens in front of the page. */
export type OpenPart = 'commands' | 'help' | 'customRange';

/** What the frame of the page offers to what stands in it. */
export interface ShellState {
  /** Whether the reader stopped the live updates. */
  readonly isPaused: boolean;
  /** Whether charts are shown as tables. */
  readonly showsTables: boolean;
  /** Whether single keys are shortcuts. */
  readonly letterKeys: boolean;
  readonly open: OpenPart | null;
  setOpen(part: OpenPart | null): void;
  setLetterKeys(enabled: boolean): void;
  run(command: CommandId): void;
  /** Shows a sentence for a few seconds and tells it to screen readers. */
  announce(sentence: string): void;
  /** Copies a text and announces whether it worked. */
  copy(text: string, done: string): void;
  /** Says that a lazily loaded part did not come. */
  failPart(): void;
}

/** Carries the frame's state to the components. */
export const ShellContext = createContext<ShellState | null>(null);

/**
 * The frame's state, within a component under `ShellContext`.
 *
 * @throws Error outside of it.
 */
export function useShell(): ShellState {
  const shell = useContext(ShellContext);
  if (shell === null) throw new Error('BUG: no ShellContext above this component');
  return shell;
}
