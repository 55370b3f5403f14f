import type { Random } from './random.ts';

/**
 * Makes PromQL queries over the series of `samplesFor`, well formed and well typed; some of them end with an error, such as
 * an ambiguous match.
 *
 * Evaluate them at times that end in half a second: ranges are whole seconds and subqueries are aligned to them, so that no
 * window begins at a sample, where older releases of Prometheus count it and newer ones do not.
 */
export class QueryGenerator {
  readonly #random: Random;
  /** The instant that `@` names, in seconds. */
  readonly #middle: number;
  /** Whether what is made stands inside of a subquery, and so is evaluated at whole seconds. */
  #isInSubquery = false;

  constructor(random: Random, middleMs: number) {
    this.#random = random;
    this.#middle = middleMs / 1000;
  }

  /** An expression of the type vector or scalar. */
  query(): string {
    return this.#random.chance(0.06) ? this.#scalar(2) : this.#vector(this.#random.below(4));
  }

  #vector(depth: number): string {
    if (depth <= 0) return this.#random.chance(0.85) ? this.#selector() : this.#rangeCall(0);
    const make = this.#random.pick([
      this.#rangeCall,
      this.#rangeCall,
      this.#aggregation,
      this.#aggregation,
      this.#arithmetic,
      this.#matched,
      this.#comparison,
      this.#setOperation,
      this.#function,
      this.#histogram,
      this.#relabeled,
      this.#absent,
    ]);
    return make.call(this, depth - 1);
  }

  #scalar(depth: number): string {
    const random = this.#random;
    if (depth <= 0 || random.chance(0.6)) {
      return random.pick([
        '0',
        '1',
        '2.5',
        '-3',
        '1e3',
        '0x10',
        'Inf',
        'NaN',
        '100',
        'pi()',
        'time()',
      ]);
    }
    if (random.chance(0.4)) return `scalar(${this.#vector(depth - 1)})`;
    const op = random.pick([...ARITHMETIC, ...COMPARISONS.map((one) => `${one} bool`)]);
    return `(${this.#scalar(depth - 1)} ${op} ${this.#scalar(depth - 1)})`;
  }

  #selector(): string {
    return `${this.#series()}${this.#shift(false)}`;
  }

  #series(): string {
    const random = this.#random;
    const name = random.pick(METRICS);
    const matchers = random.chance(0.5)
      ? []
      : [random.pick(MATCHERS), ...(random.chance(0.3) ? [random.pick(MATCHERS)] : [])];
    if (random.chance(0.06))
      return `{${[`__name__=~"${name.slice(0, 4)}.*"`, ...matchers].join(',')}}`;
    return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`;
  }

  /** `offset` and `@`, in either order. */
  #shift(isSubquery: boolean): string {
    const random = this.#random;
    const parts: string[] = [];
    if (random.chance(0.12)) parts.push(`offset ${random.pick(['1m', '7m', '-3m', '45s', '1h'])}`);
    if (random.chance(0.08))
      parts.push(`@ ${random.pick([String(this.#middle), 'start()', 'end()'])}`);
    // Inside of a subquery the evaluation's times are whole seconds, as are an inner subquery's: half a second keeps them apart.
    if (isSubquery && this.#isInSubquery) return ' offset 500ms';
    return parts.length === 0
      ? ''
      : ` ${random.chance(0.5) ? parts.join(' ') : parts.toReversed().join(' ')}`;
  }

  #range(depth: number): string {
    const random = this.#random;
    const window = random.pick(WINDOWS);
    if (depth <= 0 || random.chance(0.75))
      return `${this.#series()}[${window}]${this.#shift(false)}`;
    const before = this.#isInSubquery;
    this.#isInSubquery = true;
    const inner = this.#vector(depth - 1);
    this.#isInSubquery = before;
    const step = random.pick(['', '30s', '1m', '47s']);
    return `(${inner})[${window}:${step}]${this.#shift(true)}`;
  }

  #rangeCall(depth: number): string {
    const random = this.#random;
    const name = random.pick(RANGE_FUNCTIONS);
    if (name === 'rate' || name === 'increase')
      return `${name}(requests_total[${random.pick(WINDOWS)}])`;
    if (name === 'quantile_over_time')
      return `${name}(${random.pick(QUANTILES)}, ${this.#range(depth)})`;
    if (name === 'predict_linear')
      return `${name}(${this.#series()}[${random.pick(WINDOWS)}] offset 3m, ${random.pick(['60', '3600', '-30'])})`;
    return `${name}(${this.#range(depth)})`;
  }

  #aggregation(depth: number): string {
    const random = this.#random;
    const op = random.pick(AGGREGATIONS);
    const param = this.#paramOf(op);
    const inner = INNER[op] ?? this.#vector(depth);
    const body = `(${param}${inner})`;
    if (random.chance(0.25)) return `${op}${body}`;
    const clause = `${random.pick(['by', 'without'])} (${this.#labels().join(', ')})`;
    return random.chance(0.5) ? `${op} ${clause} ${body}` : `${op}${body} ${clause}`;
  }

  #paramOf(op: string): string {
    const random = this.#random;
    if (op === 'quantile') return `${random.pick(QUANTILES)}, `;
    if (op === 'topk' || op === 'bottomk') return `${random.pick(['1', '2', '3', '0', '100'])}, `;
    return op === 'count_values' ? '"value", ' : '';
  }

  #arithmetic(depth: number): string {
    const sides = [this.#vector(depth), this.#scalar(1)];
    if (this.#random.chance(0.5)) sides.reverse();
    return `(${sides.join(` ${this.#random.pick(ARITHMETIC)} `)})`;
  }

  #comparison(depth: number): string {
    const op = `${this.#random.pick(COMPARISONS)}${this.#random.chance(0.4) ? ' bool' : ''}`;
    const sides = [this.#vector(depth), this.#scalar(1)];
    if (this.#random.chance(0.3)) sides.reverse();
    return `(${sides.join(` ${op} `)})`;
  }

  /** An operator between two vectors, with every kind of matching. */
  #matched(depth: number): string {
    const random = this.#random;
    const matching = random.pick([
      '',
      '',
      `on (${this.#labels().join(', ')})`,
      `ignoring (${this.#labels().join(', ')})`,
    ]);
    // Newer releases see an ambiguous match also where the comparison then leaves it out.
    const filters = matching === '' ? COMPARISONS : [];
    const op = random.pick([...ARITHMETIC, ...filters, '> bool', '== bool', '<= bool']);
    const group = matching === '' || random.chance(0.5) ? '' : random.pick(GROUPS);
    const left = this.#vector(depth);
    // The same on both sides matches; what differs rarely does.
    const right = random.chance(0.4) ? left : this.#vector(depth);
    return `(${left} ${op} ${matching} ${group} ${right})`;
  }

  #setOperation(depth: number): string {
    const random = this.#random;
    const matching = random.pick([
      '',
      `on (${this.#labels().join(', ')})`,
      `ignoring (${this.#labels().join(', ')})`,
    ]);
    return `(${this.#vector(depth)} ${random.pick(['and', 'or', 'unless'])} ${matching} ${this.#vector(depth)})`;
  }

  #function(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth);
    return random.pick([
      `${random.pick(VECTOR_FUNCTIONS)}(${vector})`,
      `${random.pick(VECTOR_FUNCTIONS)}(${vector})`,
      `clamp(${vector}, ${this.#scalar(0)}, ${this.#scalar(0)})`,
      `clamp_min(${vector}, ${this.#scalar(0)})`,
      `clamp_max(${vector}, ${this.#scalar(0)})`,
      `round(${vector}${random.pick(['', ', 5', ', 0.1'])})`,
      `vector(${this.#scalar(1)})`,
      `${random.pick(DATE_FUNCTIONS)}(timestamp(${this.#selector()}))`,
      `${random.pick(DATE_FUNCTIONS)}()`,
      `-${vector}`,
      `${this.#selector()} ^ ${random.pick(['2', '0.5', '-1', '0', 'Inf', 'NaN'])}`,
      `${random.pick(['2', '-1', '0.5'])} ^ temperature`,
      `+${vector}`,
    ]);
  }

  #histogram(): string {
    const random = this.#random;
    const buckets = random.pick([
      'latency_seconds_bucket',
      'rate(latency_seconds_bucket[5m])',
      'sum by (le, job) (rate(latency_seconds_bucket[5m]))',
      'sum by (le) (increase(latency_seconds_bucket[10m]))',
      'latency_seconds_bucket{le!="0.5"}',
      'temperature',
    ]);
    return `histogram_quantile(${random.pick(QUANTILES)}, ${buckets})`;
  }

  #relabeled(depth: number): string {
    const random = this.#random;
    const vector = this.#vector(depth);
    if (random.chance(0.3)) return `label_join(${vector}, "joined", "-", "job", "instance")`;
    const [target, replacement, source, pattern] = random.pick([
      ['port', '$2', 'instance', '(.*):(.*)'],
      ['host', 'h-${1}', 'instance', '([a-z]+):.*'],
      ['job', 'same', 'job', '.+'],
      ['instance', '', 'instance', 'a.*'],
      ['new', '$0', 'missing', ''],
    ]);
    return `label_replace(${vector}, "${target}", "${replacement}", "${source}", "${pattern}")`;
  }

  #absent(depth: number): string {
    if (this.#random.chance(0.5)) return `absent(${this.#vector(depth)})`;
    return `absent_over_time(${this.#range(0)})`;
  }

  #labels(): string[] {
    const names = ['job', 'instance', 'code', 'le', 'kind', 'missing'].filter(() =>
      this.#random.chance(0.4),
    );
    return names;
  }
}

const METRICS = [
  ...[
    'temperature',
    'temperature',
    'sparse',
    'build_info',
    'requests_total',
    'requests_total',
    'odd',
  ],
  ...['latency_seconds_bucket', 'latency_seconds_count', 'nothing'],
];

const MATCHERS = [
  ...['job="api"', 'job!="db"', 'job=~"a.*|db"', 'instance!~"a.*"', 'instance=~".*:[0-9]+"'],
  ...['code="200"', 'code=~"4..|5.."', 'missing=""', 'missing!=""', 'job=~".+"', "instance='a:1'"],
];

const WINDOWS = ['1m', '90s', '5m', '13m', '1h', '20s'];

const QUANTILES = ['0.5', '0.9', '0.99', '0', '1', '-1', '1.5', 'NaN'];

const GROUPS = ['group_left', 'group_right', 'group_left (version)', 'group_right (code)'];

const ARITHMETIC = ['+', '-', '*', '/', '%'];

const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];

const AGGREGATIONS = [
  ...['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'quantile'],
  ...['topk', 'bottomk', 'count_values', 'sum', 'avg'],
];

const RANGE_FUNCTIONS = [
  ...['rate', 'rate', 'increase', 'irate', 'delta', 'idelta', 'deriv', 'predict_linear', 'changes'],
  ...['resets', 'avg_over_time', 'min_over_time', 'max_over_time', 'sum_over_time'],
  ...['count_over_time', 'quantile_over_time', 'stddev_over_time', 'stdvar_over_time'],
  ...['last_over_time', 'present_over_time'],
];

const VECTOR_FUNCTIONS = [
  ...['abs', 'ceil', 'floor', 'exp', 'ln', 'log2', 'log10', 'sqrt', 'sgn', 'sort', 'sort_desc'],
  ...[
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'tanh',
    'asinh',
    'acosh',
    'atanh',
  ],
  ...['deg', 'rad', 'timestamp'],
];

const DATE_FUNCTIONS = [
  ...[
    'minute',
    'hour',
    'day_of_week',
    'day_of_month',
    'day_of_year',
    'days_in_month',
    'month',
    'year',
  ],
];

/** What some aggregations are asked of, where answers to anything else may differ. */
const INNER: Readonly<Record<string, string>> = {
  // Older releases take no notice of a first value that is no finite number.
  stddev: 'temperature offset 2m',
  stdvar: 'temperature',
  // Rounding makes another label of what is computed.
  count_values: 'sparse',
  // Of equal values any may be kept.
  topk: 'deriv(temperature[5m])',
  bottomk: 'avg_over_time(temperature[13m])',
};
