/** An answer of the HTTP API of Prometheus to a query, with its status. */
export interface Answer {
  readonly code: number;
  readonly status: string;
  readonly errorType?: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly unknown[] };
}

/** A series of a vector or a matrix. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
}

type Point = readonly [seconds: number, value: string];

/** How far two values may differ, relative to the larger. */
const TOLERANCE = 1e-9;

/** What is different between two answers; `undefined` when they are the same. Texts of errors may differ, kinds may not. */
export function differenceOf(ours: Answer, theirs: Answer): string | undefined {
  if (ours.code !== theirs.code || ours.errorType !== theirs.errorType) {
    return `ours: ${summaryOf(ours)}; theirs: ${summaryOf(theirs)}`;
  }
  if (ours.data?.resultType !== theirs.data?.resultType) {
    return `ours: ${ours.data?.resultType}; theirs: ${theirs.data?.resultType}`;
  }
  const our = pointsOf(ours);
  const their = pointsOf(theirs);
  for (const key of new Set([...our.keys(), ...their.keys()])) {
    if (!isSame(our.get(key), their.get(key))) {
      return `${key}: ours: ${our.get(key)}; theirs: ${their.get(key)}`;
    }
  }
  return undefined;
}

function summaryOf({ code, errorType, error }: Answer): string {
  return `${code} ${errorType ?? ''} ${error ?? ''}`.trim();
}

/** Every value by its series and its time. */
function pointsOf({ data }: Answer): Map<string, string> {
  const points = new Map<string, string>();
  if (data === undefined) return points;
  if (data.resultType === 'scalar' || data.resultType === 'string') {
    const [seconds, value] = data.result as unknown as Point;
    return new Map([[`@${seconds}`, value]]);
  }
  for (const {
    metric,
    value,
    values = value === undefined ? [] : [value],
  } of data.result as Series[]) {
    const labels = JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    for (const [seconds, text] of values) points.set(`${labels} @${seconds}`, text);
  }
  return points;
}

function isSame(ours: string | undefined, theirs: string | undefined): boolean {
  if (ours === theirs) return true;
  if (ours === undefined || theirs === undefined) return false;
  const our = numberOf(ours);
  const their = numberOf(theirs);
  return Math.abs(our - their) <= TOLERANCE * Math.max(Math.abs(our), Math.abs(their));
}

function numberOf(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
