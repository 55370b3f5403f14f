import {
  compileGroups,
  expandReplacement,
  type GroupPattern,
  type Labels,
  labelValue,
  METRIC_NAME,
  PatternError,
} from '@hubpulse/model';
import type { Evaluation, Work } from '../engine/evaluation.ts';
import { setLabels } from '../engine/label-set.ts';
import { type Grid, type GridSeries, joinSameLabels, type Value } from '../engine/value.ts';
import { executionError } from '../errors.ts';
import type { Call } from '../syntax/ast.ts';
import { literalString } from '../syntax/literal-string.ts';
import { argumentAt, type VectorFunction, vectorArgument } from './vector-function.ts';

/** Functions that change labels and leave values alone. */
export const LABEL_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map<string, VectorFunction>(
  [
    ['label_join', labelJoin],
    ['label_replace', labelReplace],
  ],
);

function* labelReplace(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const [target = '', replacement = '', source = '', pattern = ''] = stringsOf(call);
  const { match, names } = compile(pattern);
  checkName(target, 'destination label name in label_replace()');
  return yield* relabel(call, { grid, target }, evaluation, (labels) => {
    const groups = match(labelValue(labels, source));
    return groups === undefined ? undefined : expandReplacement(replacement, groups, names);
  });
}

function* labelJoin(call: Call, grid: Grid, evaluation: Evaluation): Work<Value> {
  const [target = '', separator = '', ...sources] = stringsOf(call);
  for (const source of sources) checkName(source, 'source label name in label_join()');
  checkName(target, 'destination label name in label_join()');
  return yield* relabel(call, { grid, target }, evaluation, (labels) =>
    sources.map((source) => labelValue(labels, source)).join(separator),
  );
}

/** Sets a label of every series to what `valueOf` gives; `undefined` leaves the series as it is. */
// oxlint-disable-next-line max-params -- the callback reads best at the end of the two calls
function* relabel(
  call: Call,
  { grid, target }: { readonly grid: Grid; readonly target: string },
  evaluation: Evaluation,
  valueOf: (labels: Labels) => string | undefined,
): Work<Value> {
  const series = yield* vectorArgument(argumentAt(call, 0), grid, evaluation);
  const changed = series.map((one) => {
    const value = valueOf(one.labels);
    return value === undefined ? one : withLabel(one, target, value);
  });
  return { type: 'vector', series: joinSameLabels(changed) };
}

function withLabel(series: GridSeries, name: string, value: string): GridSeries {
  const labels = setLabels(series.labels, [[name, value]]);
  return { ...series, labels, dropName: series.dropName && name !== METRIC_NAME };
}

function stringsOf(call: Call): string[] {
  return call.args.slice(1).map((arg) => literalString(arg) ?? '');
}

function compile(pattern: string): GroupPattern {
  try {
    return compileGroups(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

/** Any text that is UTF-8 names a label. */
function checkName(name: string, what: string): void {
  if (name !== '' && name.isWellFormed()) return;
  throw executionError(`invalid ${what}: ${name}`);
}
