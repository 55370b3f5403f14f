import { parseArgs } from 'node:util';

import { quote, shorten, StartupError } from '../startup-error.ts';
import { closestWord, didYouMean } from './closest-word.ts';
import type { Reading } from './reading.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';

const COMMANDS = ['start', 'config', 'rules', 'help', 'version'] as const;
type CommandName = (typeof COMMANDS)[number];

/** What the user asked for. */
export interface Command {
  readonly name: CommandName;
  /** The file that `--config` names, as given. */
  readonly configFile: string | undefined;
  /** The settings that flags give, not yet judged. */
  readonly flags: readonly Reading[];
  /** `config` only: JSON instead of a table. */
  readonly json: boolean;
  /** `rules` only: the rule files to check, as given; at least one. */
  readonly files: readonly string[];
}

interface Flag {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly commands: readonly CommandName[];
}

const EVERY_COMMAND: readonly CommandName[] = COMMANDS;
const LOADING_COMMANDS: readonly CommandName[] = ['start', 'config'];

const FLAGS: Readonly<Record<string, Flag>> = {
  config: { type: 'string', commands: LOADING_COMMANDS },
  ...Object.fromEntries(
    SETTING_NAMES.flatMap((name) => SETTINGS[name].flag ?? []).map((flag) => [
      flag,
      { type: 'string', commands: LOADING_COMMANDS } satisfies Flag,
    ]),
  ),
  json: { type: 'boolean', commands: ['config'] },
  help: { type: 'boolean', short: 'h', commands: EVERY_COMMAND },
  version: { type: 'boolean', short: 'v', commands: EVERY_COMMAND },
};

const FLAG_NAMES = Object.keys(FLAGS);

/**
 * Reads the command line. Without a command, `start`; `--help` and `--version` win over any command.
 *
 * @param argv The words after the program's name.
 * @throws StartupError for an unknown command or flag, a flag of another command, a missing or superfluous value, or `rules` without files.
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = tokens.filter((token) => token.kind === 'option');
  // Before the command, because the value of an unknown flag looks like one.
  for (const flag of flags) checkFlag(flag);
  const command = commandOf(positionals);
  for (const flag of flags) checkBelonging(flag, command);
  const text = (flag: string): string | undefined => {
    const value = values[flag];
    return typeof value === 'string' ? value : undefined;
  };
  const asked = values['help'] === true ? 'help' : values['version'] === true ? 'version' : command;
  return {
    name: asked,
    configFile: text('config'),
    flags: SETTING_NAMES.flatMap((name) => readFlag(name, text)),
    json: values['json'] === true,
    files: asked === 'rules' ? ruleFilesOf(positionals) : [],
  };
}

function commandOf(positionals: readonly string[]): CommandName {
  const [word = 'start', ...rest] = positionals;
  const command = COMMANDS.find((candidate) => candidate === word);
  if (command === undefined) {
    const want = `one of ${COMMANDS.join(', ')}`;
    throw refuse(quote(word), {
      got: 'an unknown command',
      want,
      guess: closestWord(word, COMMANDS),
    });
  }
  if (rest[0] !== undefined && command !== 'rules') {
    throw refuse(quote(rest[0]), { got: 'one word too many', want: `only flags after ${command}` });
  }
  return command;
}

/** The words after `rules check`. */
function ruleFilesOf([, action, ...files]: readonly string[]): readonly string[] {
  const want = 'rules check FILE…';
  if (action !== 'check') throw refuse('rules', { got: quote(action), want });
  if (files.length === 0) throw refuse('rules check', { got: 'no file', want });
  return files;
}

interface GivenFlag {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

/** @throws StartupError when there is no such flag, or its value is missing or superfluous. */
function checkFlag({ name, rawName, value }: GivenFlag): void {
  const what = shorten(rawName);
  const flag = flagOf(name);
  if (flag === undefined) {
    const want = `one of ${FLAG_NAMES.map((known) => `--${known}`).join(', ')}`;
    const near = closestWord(name, FLAG_NAMES);
    const guess = near === undefined ? near : `--${near}`;
    throw refuse(what, { got: 'an unknown flag', want, guess });
  }
  if (flag.type === 'string' && (value === undefined || value === '')) {
    throw refuse(what, { got: 'no value', want: `${rawName} VALUE` });
  }
  if (flag.type === 'boolean' && value !== undefined) {
    throw refuse(what, { got: `the value ${quote(value)}`, want: `${rawName} alone` });
  }
}

function checkBelonging({ name, rawName }: GivenFlag, command: CommandName): void {
  const commands = flagOf(name)?.commands ?? [];
  if (commands.includes(command)) return;
  const want = `the command ${commands.join(' or ')}`;
  throw refuse(rawName, { got: `a flag that ${command} does not have`, want });
}

/** Looks at own properties only, because `--constructor` is unknown too. */
function flagOf(name: string): Flag | undefined {
  return Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
}

function readFlag(
  name: keyof typeof SETTINGS,
  text: (flag: string) => string | undefined,
): Reading[] {
  const { flag, kind } = SETTINGS[name];
  const value = flag === undefined ? undefined : text(flag);
  if (flag === undefined || value === undefined) return [];
  return [{ name, value: kind.parseText(value), source: { kind: 'flag', name: `--${flag}` } }];
}

interface Refusal {
  readonly got: string;
  readonly want: string;
  readonly guess?: string | undefined;
}

function refuse(what: string, { got, want, guess }: Refusal): StartupError {
  return new StartupError({ what, got, want, remedy: `${didYouMean(guess)}See hubpulse --help.` });
}
