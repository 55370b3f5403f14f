import { formatLabels, type Labels, labelsKey } from '@hubpulse/model';
import type { InstantResult, MatrixSeries, Notes, RangeResult } from '../../src/index.ts';
import type { EvalCommand, ExpectedSeries, TextMatch } from './script.ts';

/** Relative difference that the scripts allow. */
const TOLERANCE = 1e-6;

/** The smallest normal number; below it a relative difference means nothing. */
const MIN_NORMAL = 2 ** -1022;

/** Why a result is not what the script expects. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

function isClose(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) return difference < TOLERANCE * MIN_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

function show(labels: Labels): string {
  return labels.length === 0 ? '{}' : formatLabels(labels);
}

/** Checks an instant's result. */
export function compareInstant(command: EvalCommand, result: InstantResult): void {
  switch (result.type) {
    case 'scalar':
      if (command.scalar === undefined || !isClose(command.scalar, result.value)) {
        throw new Mismatch(`got scalar ${result.value}; want ${command.scalar ?? 'no scalar'}`);
      }
      return;
    case 'string':
      if (command.text !== result.value) {
        throw new Mismatch(`got string ${result.value}; want ${command.text ?? 'no string'}`);
      }
      return;
    case 'vector':
      compareVector(command, result.samples);
      return;
    case 'matrix':
      compareWindow(command, result);
  }
}

/** Checks the samples of an instant vector. */
export function compareVector(
  command: EvalCommand,
  samples: readonly { readonly labels: Labels; readonly value: number }[],
): void {
  refuseScalar(command);
  const wanted = byKey(command.series);
  for (const [i, { labels, value }] of samples.entries()) {
    const series = wanted.get(labelsKey(labels));
    if (series === undefined)
      throw new Mismatch(`got ${show(labels)} ${value}; want no such series`);
    const [want] = series.points;
    if (typeof want !== 'number' || !isClose(want, value)) {
      throw new Mismatch(`got ${show(labels)} ${value}; want ${want}`);
    }
    if (command.ordered && command.series.indexOf(series) !== i) {
      throw new Mismatch(
        `got ${show(labels)} at place ${i}; want ${command.series.indexOf(series)}`,
      );
    }
  }
  refuseMissing(command, samples);
}

/** Checks a range's result. */
export function compareRange(command: EvalCommand, result: RangeResult): void {
  refuseScalar(command);
  const wanted = byKey(command.series);
  for (const series of result.series) {
    const expected = wanted.get(labelsKey(series.labels));
    if (expected === undefined)
      throw new Mismatch(`got ${show(series.labels)}; want no such series`);
    comparePoints(series, expected);
  }
  refuseMissing(command, result.series);
}

function comparePoints(
  { labels, values, present }: MatrixSeries,
  { points }: ExpectedSeries,
): void {
  if (points.length > values.length) {
    throw new Mismatch(`${show(labels)}: got ${values.length} steps; want ${points.length} points`);
  }
  for (const [step, value] of values.entries()) {
    const want = points[step] ?? 'omitted';
    const got = present[step] === 1 ? value : 'omitted';
    const isEqual =
      typeof got === 'number' && typeof want === 'number' ? isClose(want, got) : got === want;
    if (!isEqual) throw new Mismatch(`${show(labels)} at step ${step}: got ${got}; want ${want}`);
  }
}

function compareWindow(
  command: EvalCommand,
  { series }: Extract<InstantResult, { type: 'matrix' }>,
): void {
  const wanted = byKey(command.series);
  const { startMs, stepMs } = command.window ?? { startMs: 0, stepMs: 1 };
  for (const { labels, tMs, values } of series) {
    const want = (wanted.get(labelsKey(labels))?.points ?? [])
      .map((point, i) => [startMs + i * stepMs, point] as const)
      .filter(([, point]) => point !== 'omitted');
    const got = [...tMs].map((time, i) => [time, values[i] ?? 0] as const);
    const isEqual =
      got.length === want.length &&
      got.every(([time, value], i) => {
        const [wantTime, point] = want[i] ?? [];
        return time === wantTime && typeof point === 'number' && isClose(point, value);
      });
    if (!isEqual) {
      throw new Mismatch(
        `${show(labels)}: got ${JSON.stringify(got)}; want ${JSON.stringify(want)}`,
      );
    }
  }
  refuseMissing(command, series);
}

function byKey(series: readonly ExpectedSeries[]): Map<string, ExpectedSeries> {
  return new Map(series.map((one) => [labelsKey(one.labels), one]));
}

function refuseScalar({ scalar }: EvalCommand): void {
  if (scalar !== undefined) throw new Mismatch(`got series; want scalar ${scalar}`);
}

function refuseMissing({ series }: EvalCommand, got: readonly { readonly labels: Labels }[]): void {
  const keys = new Set(got.map(({ labels }) => labelsKey(labels)));
  const missing = series.find(({ labels }) => !keys.has(labelsKey(labels)));
  if (missing !== undefined) throw new Mismatch(`got no ${show(missing.labels)}; want it`);
}

/** Checks the warnings and the information of a result. */
export function compareNotes(command: EvalCommand, { warnings, infos }: Notes): void {
  compareTexts('warning', warnings, command.warnings);
  compareTexts('info', infos, command.infos);
  if (command.noWarnings && warnings.length > 0) {
    throw new Mismatch(`got ${warnings.join('; ')}; want no warning`);
  }
  if (command.noInfos && infos.length > 0)
    throw new Mismatch(`got ${infos.join('; ')}; want no info`);
}

function compareTexts(kind: string, got: readonly string[], want: readonly TextMatch[]): void {
  if (want.length === 0) return;
  const isAsWanted =
    want.every((matches) => got.some(matches)) &&
    got.every((text) => want.some((matches) => matches(text)));
  if (!isAsWanted)
    throw new Mismatch(`got ${kind}s [${got.join('; ')}]; want what the script says`);
}
