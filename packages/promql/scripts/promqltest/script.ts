import type { Labels } from '@hubpulse/model';
import { parseDuration, unquote } from '../../src/syntax/literal.ts';
import {
  parseSeriesLine,
  parseSigned,
  type Point,
  ScriptError,
  type SeriesLine,
} from './series-line.ts';

/** A command that adds series: point `i` stands at `i * stepMs`. */
export interface LoadCommand {
  readonly kind: 'load';
  readonly stepMs: number;
  readonly series: readonly SeriesLine[];
  /** Whether native histograms are made of the classic ones. */
  readonly withNative: boolean;
  /** Whether it gives start timestamps, which are experimental. */
  readonly withStarts: boolean;
}

export interface ClearCommand {
  readonly kind: 'clear';
}

/** What a warning, an information or an error must say. */
export type TextMatch = (text: string) => boolean;

export interface ExpectedSeries {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

/** A query and what it must give. */
export interface EvalCommand {
  readonly kind: 'eval';
  /** Line in the script, from 1. */
  readonly line: number;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** `undefined` for an instant query. */
  readonly stepMs: number | undefined;
  readonly ordered: boolean;
  readonly fails: TextMatch | undefined;
  readonly warnings: readonly TextMatch[];
  readonly infos: readonly TextMatch[];
  readonly noWarnings: boolean;
  readonly noInfos: boolean;
  readonly scalar: number | undefined;
  readonly text: string | undefined;
  readonly series: readonly ExpectedSeries[];
  /** The times of the samples that an instant query for a range vector must give. */
  readonly window: { readonly startMs: number; readonly stepMs: number } | undefined;
  /** Why the case cannot be run. */
  readonly skipReason: string | undefined;
}

export type Command = LoadCommand | ClearCommand | EvalCommand;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The lines of a command, from its first on, and where it stands. */
interface Block {
  readonly lines: readonly string[];
  readonly line: number;
}

/**
 * Reads a script in the language of Prometheus' own tests.
 *
 * @throws ScriptError with the line when it is none.
 */
export function parseScript(text: string): Command[] {
  return blocksOf(text).map((block) => {
    try {
      return parseCommand(block);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ScriptError(`line ${block.line}: ${message}`, { cause: error });
    }
  });
}

/** Commands begin at the start of a block, or after another one: a line that begins with its word. */
function blocksOf(text: string): Block[] {
  const blocks: { lines: string[]; line: number }[] = [];
  let current: { lines: string[]; line: number } | undefined;
  for (const [i, raw] of text.split('\n').entries()) {
    const trimmed = raw.trim();
    const line = trimmed.startsWith('#') ? '' : trimmed;
    if (line === '') current = undefined;
    else if (current === undefined) blocks.push((current = { lines: [line], line: i + 1 }));
    else current.lines.push(line);
    if (line === 'clear') current = undefined;
  }
  return blocks;
}

function parseCommand(block: Block): Command {
  const [first = ''] = block.lines;
  if (/^clear\b/i.test(first)) return { kind: 'clear' };
  if (/^load/i.test(first)) return parseLoad(block);
  if (/^eval/i.test(first)) return parseEval(block);
  throw new ScriptError(`got ${first}; want load, clear or eval`);
}

function parseLoad({ lines: [first = '', ...rest] }: Block): LoadCommand {
  const match = /^load(_with_nhcb)?\s+(\S+)$/.exec(first);
  if (match === null) throw new ScriptError(`got ${first}; want load STEP`);
  const isStart = (line: string): boolean => /^\S*@st\s/.test(line);
  return {
    kind: 'load',
    stepMs: durationOf(match[2] ?? ''),
    series: rest.filter((line) => !isStart(line)).map(parseSeriesLine),
    withNative: match[1] !== undefined,
    withStarts: rest.some(isStart),
  };
}

const INSTANT =
  /^eval(?:_(?<mode>fail|warn|ordered|info))?\s+instant\s+(?:at\s+(?<from>\S+)\s+)?(?<query>.+)$/;
const RANGE =
  /^eval(?:_(?<mode>fail|warn|info))?\s+range\s+from\s+(?<from>\S+)\s+to\s+(?<to>\S+)\s+step\s+(?<step>\S+)\s+(?<query>.+)$/;
const ANY: TextMatch = () => true;

function parseEval({ lines: [first = '', ...rest], line }: Block): EvalCommand {
  const groups = (INSTANT.exec(first) ?? RANGE.exec(first))?.groups;
  if (groups === undefined) {
    throw new ScriptError(
      `got ${first}; want eval instant at T QUERY or eval range from A to B step S QUERY`,
    );
  }
  const { mode, from = '0', to = from, step, query = '' } = groups;
  const command: Mutable<EvalCommand> = {
    kind: 'eval',
    line,
    query,
    startMs: durationOf(from),
    endMs: durationOf(to),
    stepMs: step === undefined ? undefined : durationOf(step),
    ...expectationsOf(mode),
    noWarnings: false,
    noInfos: false,
    scalar: undefined,
    text: undefined,
    series: [],
    window: undefined,
    skipReason: rest.some((one) => one.includes('{{')) ? 'expects native histograms' : undefined,
  };
  for (const expectation of rest) addExpectation(command, expectation);
  return command;
}

/** What the older forms say behind `eval_`. */
function expectationsOf(
  mode: string | undefined,
): Pick<EvalCommand, 'ordered' | 'fails' | 'warnings' | 'infos'> {
  return {
    ordered: mode === 'ordered',
    fails: mode === 'fail' ? ANY : undefined,
    warnings: mode === 'warn' ? [ANY] : [],
    infos: mode === 'info' ? [ANY] : [],
  };
}

function addExpectation(command: Mutable<EvalCommand>, line: string): void {
  const failure = /^expected_fail_(message|regexp)\s+(.*)$/.exec(line);
  if (failure !== null) {
    command.fails = textMatch(failure[1] === 'message' ? 'msg' : 'regex', failure[2]);
  } else if (/^expect\s/.test(line)) addExpect(command, line);
  else if (/^[-+]?(?:inf|nan|[\d.]\S*)$/i.test(line)) command.scalar = parseSigned(line);
  else command.series = [...command.series, parseSeriesLine(line)];
}

function addExpect(command: Mutable<EvalCommand>, line: string): void {
  const range = /^expect range vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(line);
  if (range !== null) {
    command.window = { startMs: durationOf(range[1] ?? ''), stepMs: durationOf(range[3] ?? '') };
    return;
  }
  const text = /^expect string\s+(.*)$/.exec(line);
  if (text !== null) {
    command.text = unquote(text[1] ?? '');
    return;
  }
  const match = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/.exec(
    line,
  );
  if (match === null) throw new ScriptError(`got ${line}; want a known expectation`);
  const [, kind = '', how, said] = match;
  EXPECTATIONS[kind]?.(command, textMatch(how, said));
}

const EXPECTATIONS: Readonly<
  Record<string, (command: Mutable<EvalCommand>, wanted: TextMatch) => void>
> = {
  ordered: (command) => {
    command.ordered = true;
  },
  fail: (command, wanted) => {
    command.fails = wanted;
  },
  warn: (command, wanted) => {
    command.warnings = [...command.warnings, wanted];
  },
  info: (command, wanted) => {
    command.infos = [...command.infos, wanted];
  },
  no_warn: (command) => {
    command.noWarnings = true;
  },
  no_info: (command) => {
    command.noInfos = true;
  },
};

function textMatch(how: string | undefined, text = ''): TextMatch {
  const wanted = text.trim();
  if (how === undefined) return ANY;
  if (how === 'msg') return (got) => got === wanted;
  const pattern = new RegExp(wanted);
  return (got) => pattern.test(got);
}

/** A time or a step of a script. */
function durationOf(text: string): number {
  const durationMs = text === '0' ? 0 : parseDuration(text);
  if (durationMs === undefined) throw new ScriptError(`duration: got ${text}; want such as 1m30s`);
  return durationMs;
}
