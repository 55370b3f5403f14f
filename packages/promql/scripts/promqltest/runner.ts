import {
  evaluateInstant,
  evaluateRange,
  type Expr,
  type InstantResult,
  parse,
  PromqlError,
  type QueryOptions,
} from '../../src/index.ts';
import { translateMatcher } from '@hubpulse/model';
import { childrenOf } from '../../src/syntax/ast.ts';
import {
  compareInstant,
  compareNotes,
  compareRange,
  compareVector,
  Mismatch,
} from './comparison.ts';
import { pin } from './pinning.ts';
import { createSampleTable, type SampleTable } from './sample-table.ts';
import { type EvalCommand, parseScript } from './script.ts';

/** What became of one query of a script. */
export interface Outcome {
  readonly line: number;
  readonly query: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/** How a script is run. */
export interface RunOptions {
  /** As Prometheus runs its own scripts, by default. */
  readonly delayedNameRemoval?: boolean;
}

const MINUTE_MS = 60_000;

/** Runs a script and tells what became of each of its queries. */
export async function runScript(text: string, options: RunOptions = {}): Promise<Outcome[]> {
  const { delayedNameRemoval = true } = options;
  const table = createSampleTable();
  const outcomes: Outcome[] = [];
  for (const command of parseScript(text)) {
    if (command.kind === 'clear') table.clear();
    if (command.kind === 'load') table.load(command);
    if (command.kind !== 'eval') continue;
    const { line, query } = command;
    const outcome = await runCase(command, { table, delayedNameRemoval });
    outcomes.push({ line, query, ...outcome });
  }
  return outcomes;
}

interface Setting {
  readonly table: SampleTable;
  readonly delayedNameRemoval: boolean;
}

async function runCase(
  command: EvalCommand,
  setting: Setting,
): Promise<Pick<Outcome, 'result' | 'reason'>> {
  try {
    const expr = parse(command.query);
    const reason = command.skipReason ?? reasonToSkip(expr, setting.table);
    if (reason !== undefined) return { result: 'skipped', reason };
    await check(command, expr, setting);
  } catch (error) {
    return judge(command, error);
  }
  if (command.fails === undefined) return { result: 'passed' };
  return { result: 'failed', reason: 'got a result; want an error' };
}

function reasonToSkip(expr: Expr, table: SampleTable): string | undefined {
  if (expr.kind === 'selector') return table.reasonToSkip(expr.matchers.map(translateMatcher));
  for (const child of childrenOf(expr)) {
    const reason = reasonToSkip(child, table);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function judge(command: EvalCommand, error: unknown): Pick<Outcome, 'result' | 'reason'> {
  if (error instanceof Mismatch) return { result: 'failed', reason: error.message };
  if (!(error instanceof PromqlError)) {
    return {
      result: 'failed',
      reason: error instanceof Error ? (error.stack ?? '') : String(error),
    };
  }
  if (error.unsupported) {
    return { result: 'skipped', reason: error.message.replace(/^[\d:]+ not supported: /, '') };
  }
  if (command.fails?.(error.message) === true) return { result: 'passed' };
  return { result: 'failed', reason: `got error ${error.message}` };
}

async function check(command: EvalCommand, expr: Expr, setting: Setting): Promise<void> {
  const options: QueryOptions = {
    query: expr,
    source: setting.table,
    delayedNameRemoval: setting.delayedNameRemoval,
  };
  const { startMs, endMs, stepMs } = command;
  if (stepMs !== undefined) {
    const result = await evaluateRange({ ...options, startMs, endMs, stepMs });
    compareNotes(command, result);
    compareRange(command, result);
    return;
  }
  await checkAt(command, options, startMs);
  const fixed = pin(expr, startMs);
  if (fixed === undefined) return;
  // As Prometheus does: with everything pinned to the instant, the time of evaluation must not matter.
  const others = startMs === 0 ? [-1000, 1000] : [-10 * startMs, 0, startMs / 5, 10 * startMs];
  for (const tMs of others) await checkAt(command, { ...options, query: fixed }, Math.trunc(tMs));
}

/** Checks an instant query, and that a range query gives the same in its midst. */
async function checkAt(command: EvalCommand, options: QueryOptions, tMs: number): Promise<void> {
  const result = await evaluateInstant({ ...options, tMs });
  compareNotes(command, result);
  compareInstant(command, result);
  if (result.type === 'vector' || result.type === 'scalar') {
    await checkInRange(command, options, { result, tMs });
  }
}

async function checkInRange(
  command: EvalCommand,
  options: QueryOptions,
  { result, tMs }: { readonly result: InstantResult; readonly tMs: number },
): Promise<void> {
  const range = { startMs: tMs - MINUTE_MS, endMs: tMs + MINUTE_MS, stepMs: MINUTE_MS };
  const { series } = await evaluateRange({ ...options, ...range });
  const samples = series
    .filter(({ present }) => present[1] === 1)
    .map(({ labels, values }) => ({ labels, value: values[1] ?? 0 }));
  if (command.ordered) return;
  if (result.type !== 'scalar') compareVector(command, samples);
  else if (!Object.is(samples[0]?.value, result.value)) {
    throw new Mismatch(`in a range: got ${samples[0]?.value}; want ${result.value}`);
  }
}
