import type { ValueType } from './value-type.ts';

/** What a function takes and gives. */
export interface FunctionSignature {
  readonly name: string;
  readonly args: readonly ValueType[];
  /** How many of the last arguments may be left out. */
  readonly optional: number;
  /** Whether the last argument may be repeated any number of times, or left out. */
  readonly variadic: boolean;
  readonly returns: ValueType;
}

const signature = (
  name: string,
  args: readonly ValueType[],
  rest: Partial<Pick<FunctionSignature, 'optional' | 'variadic' | 'returns'>> = {},
): FunctionSignature => ({
  name,
  args,
  optional: 0,
  variadic: false,
  returns: 'vector',
  ...rest,
});

const OF_VECTOR = [
  ...['abs', 'absent', 'acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'ceil', 'cos', 'cosh'],
  ...[
    'deg',
    'exp',
    'floor',
    'ln',
    'log10',
    'log2',
    'rad',
    'sgn',
    'sin',
    'sinh',
    'sort',
    'sort_desc',
  ],
  ...['sqrt', 'tan', 'tanh', 'timestamp'],
];

const OF_RANGE = [
  ...[
    'absent_over_time',
    'avg_over_time',
    'changes',
    'count_over_time',
    'delta',
    'deriv',
    'idelta',
  ],
  ...['increase', 'irate', 'last_over_time', 'max_over_time', 'min_over_time', 'present_over_time'],
  ...['rate', 'resets', 'stddev_over_time', 'stdvar_over_time', 'sum_over_time'],
];

const OF_DATE = [
  ...['day_of_month', 'day_of_week', 'day_of_year', 'days_in_month'],
  ...['hour', 'minute', 'month', 'year'],
];

const OTHERS = [
  signature('clamp', ['vector', 'scalar', 'scalar']),
  signature('clamp_max', ['vector', 'scalar']),
  signature('clamp_min', ['vector', 'scalar']),
  signature('histogram_fraction', ['scalar', 'scalar', 'vector']),
  signature('histogram_quantile', ['scalar', 'vector']),
  signature('label_join', ['vector', 'string', 'string', 'string'], { variadic: true }),
  signature('label_replace', ['vector', 'string', 'string', 'string', 'string']),
  signature('pi', [], { returns: 'scalar' }),
  signature('predict_linear', ['matrix', 'scalar']),
  signature('quantile_over_time', ['scalar', 'matrix']),
  signature('round', ['vector', 'scalar'], { optional: 1 }),
  signature('scalar', ['vector'], { returns: 'scalar' }),
  signature('time', [], { returns: 'scalar' }),
  signature('vector', ['scalar']),
];

const SIGNATURES: ReadonlyMap<string, FunctionSignature> = new Map(
  [
    ...OF_VECTOR.map((name) => signature(name, ['vector'])),
    ...OF_RANGE.map((name) => signature(name, ['matrix'])),
    ...OF_DATE.map((name) => signature(name, ['vector'], { optional: 1 })),
    ...OTHERS,
  ].map((entry) => [entry.name, entry]),
);

/** Functions that Prometheus marks as experimental. */
const EXPERIMENTAL: ReadonlySet<string> = new Set([
  ...[
    'double_exponential_smoothing',
    'end',
    'first_over_time',
    'histogram_quantiles',
    'info',
    'integral',
  ],
  ...[
    'mad_over_time',
    'max_of',
    'min_of',
    'range',
    'sort_by_label',
    'sort_by_label_desc',
    'start',
    'step',
  ],
  ...[
    'ts_of_first_over_time',
    'ts_of_last_over_time',
    'ts_of_max_over_time',
    'ts_of_min_over_time',
  ],
]);

/** Functions that have a meaning for native histograms alone. */
const NATIVE: ReadonlySet<string> = new Set([
  ...['histogram_avg', 'histogram_count', 'histogram_stddev', 'histogram_stdvar', 'histogram_sum'],
]);

/** The signature of a function; `undefined` when the engine does not have it. */
export function findSignature(name: string): FunctionSignature | undefined {
  return SIGNATURES.get(name);
}

/** Why a function of Prometheus is left out; `undefined` when Prometheus does not know it either. */
export function reasonLeftOut(name: string): string | undefined {
  if (EXPERIMENTAL.has(name)) return `${name}() is an experimental function`;
  if (NATIVE.has(name)) return `${name}() works on native histograms`;
  return undefined;
}

/** The names of all functions, sorted. */
export function functionNames(): string[] {
  return [...SIGNATURES.keys()].toSorted();
}
