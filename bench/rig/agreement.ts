/** Two engines may add up in another order: what is equal but for this is equal. */
const RELATIVE_ERROR = 1e-9;

interface PrometheusAnswer {
  readonly data: PrometheusData | readonly string[];
}

interface PrometheusData {
  readonly resultType: string;
  readonly result: readonly PrometheusSeries[];
}

type Pair = readonly [seconds: number, value: string];

interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Pair;
  readonly values?: readonly Pair[];
}

/** @returns The first difference between two answers of the HTTP API in words; `undefined` when they agree. */
export function differenceOf(ours: string, theirs: string): string | undefined {
  const [a, b] = [ours, theirs].map((text) => (JSON.parse(text) as PrometheusAnswer).data);
  if (a === undefined || b === undefined) return 'got no data; want some';
  if (isList(a) || isList(b)) return differs('listing', JSON.stringify(a), JSON.stringify(b));
  return (
    differs('type', a.resultType, b.resultType) ??
    differs('number of series', a.result.length, b.result.length) ??
    firstOf(sorted(a), sorted(b), seriesDifference)
  );
}

function isList(data: PrometheusData | readonly string[]): data is readonly string[] {
  return Array.isArray(data);
}

function sorted({ result }: PrometheusData): (readonly [key: string, pairs: readonly Pair[]])[] {
  return result
    .map(
      (series) => [keyOf(series), series.values ?? (series.value ? [series.value] : [])] as const,
    )
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function keyOf({ metric }: PrometheusSeries): string {
  return JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function seriesDifference(
  [aKey, aPairs]: readonly [string, readonly Pair[]],
  [bKey, bPairs]: readonly [string, readonly Pair[]],
): string | undefined {
  return (
    differs('series', aKey, bKey) ??
    differs(`points of ${aKey}`, aPairs.length, bPairs.length) ??
    firstOf(aPairs, bPairs, ([aTime, aValue], [bTime, bValue]) =>
      aTime === bTime && isNear(Number(aValue), Number(bValue))
        ? undefined
        : `${aKey}: got ${aValue} at ${aTime}; want ${bValue} at ${bTime}`,
    )
  );
}

function firstOf<T>(
  a: readonly T[],
  b: readonly T[],
  difference: (one: T, other: T) => string | undefined,
): string | undefined {
  for (const [i, one] of a.entries()) {
    const found = difference(one, b[i] as T);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differs(what: string, got: string | number, want: string | number): string | undefined {
  return got === want ? undefined : `${what}: got ${got}; want ${want}`;
}

function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= RELATIVE_ERROR * Math.max(Math.abs(a), Math.abs(b));
}
