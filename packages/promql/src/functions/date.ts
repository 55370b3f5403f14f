import { createSeries } from '../engine/evaluation.ts';
import { NO_LABELS } from '../engine/label-set.ts';
import { timeOfStep } from '../engine/value.ts';
import { mapVector } from './mapping.ts';
import { type VectorFunction, vectorArgument } from './vector-function.ts';

const MS_PER_SECOND = 1000;
const MS_PER_DAY = 86_400_000;

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  day_of_month: (date) => date.getUTCDate(),
  day_of_week: (date) => date.getUTCDay(),
  day_of_year: (date) =>
    Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / MS_PER_DAY) + 1,
  // Day 0 of the next month is the last of this one.
  days_in_month: (date) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  hour: (date) => date.getUTCHours(),
  minute: (date) => date.getUTCMinutes(),
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
};

/** Parts of dates in UTC, of seconds since 1970; without an argument, of the step's own time. */
export const DATE_FUNCTIONS: ReadonlyMap<string, VectorFunction> = new Map(
  Object.entries(PARTS).map(([name, part]) => [name, datePart(part)]),
);

function datePart(part: (date: Date) => number): VectorFunction {
  return function* partOf(call, grid, evaluation) {
    const [arg] = call.args;
    const map = (seconds: number): number => part(new Date(Math.trunc(seconds) * MS_PER_SECOND));
    if (arg !== undefined) {
      const series = yield* vectorArgument(arg, grid, evaluation);
      return yield* mapVector(series, { grid, map }, evaluation);
    }
    const own = createSeries(NO_LABELS, grid, evaluation);
    for (let step = 0; step < grid.count; step += 1) {
      own.values[step] = map(timeOfStep(grid, step) / MS_PER_SECOND);
    }
    own.present.fill(1);
    return { type: 'vector', series: [own] };
  };
}
