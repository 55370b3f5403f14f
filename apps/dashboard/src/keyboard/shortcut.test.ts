import { describe, expect, test } from 'vitest';
import { TEXTS } from '../i18n/dictionary.ts';
import { COMMANDS } from './command.ts';
import { commandOf, type KeyPress } from './shortcut.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isTaken: false,
  ...more,
});

describe('commandOf', () => {
  test.each([
    ['1', 'range.5m'],
    ['4', 'range.24h'],
    ['5', 'custom'],
    ['[', 'shiftBack'],
    [']', 'shiftForward'],
    ['=', 'zoomIn'],
    ['+', 'zoomIn'],
    ['-', 'zoomOut'],
    ['0', 'resetZoom'],
    ['p', 'toggleLive'],
    ['P', 'toggleLive'],
    ['t', 'toggleTheme'],
    ['l', 'changeLanguage'],
    ['v', 'toggleTables'],
    ['c', 'copyLink'],
    ['?', 'openHelp'],
    ['x', undefined],
    ['Enter', undefined],
  ])('%s is %s', (key, command) => {
    expect(commandOf(press(key), true)).toBe(command);
  });

  test('single keys are off in fields and dialogs, and when the reader turned them off', () => {
    expect(commandOf(press('t', { isTaken: true }), true)).toBeUndefined();
    expect(commandOf(press('t'), false)).toBeUndefined();
  });

  test('keys of the browser stay with the browser', () => {
    expect(commandOf(press('c', { ctrlKey: true }), true)).toBeUndefined();
    expect(commandOf(press('0', { metaKey: true }), true)).toBeUndefined();
    expect(commandOf(press('l', { altKey: true }), true)).toBeUndefined();
  });

  test('the palette opens from anywhere, also with single keys off', () => {
    expect(commandOf(press('k', { metaKey: true, isTaken: true }), false)).toBe('openCommands');
    expect(commandOf(press('K', { ctrlKey: true }), true)).toBe('openCommands');
    expect(commandOf(press('k', { ctrlKey: true, altKey: true }), true)).toBeUndefined();
  });
});

describe('the commands', () => {
  test('share no key', () => {
    const keys = COMMANDS.flatMap((command) => command.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('have names of their own in both languages', () => {
    for (const texts of Object.values(TEXTS)) {
      const names = COMMANDS.map(({ text }) => texts[text]);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
