import { escapeLabelValue, type Label } from '@hubpulse/model';

/** A metric of Hubpulse itself, in Prometheus' terms. */
export interface MetricFamily {
  /** Name without `_bucket`, `_sum` or `_count`; the unit and `_total` are part of it. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence for people, unit included. */
  readonly help: string;
  readonly points: readonly MetricPoint[];
}

/** One series of a family. */
export interface MetricPoint {
  /** `_bucket`, `_sum` or `_count` for histograms, else empty. */
  readonly suffix: string;
  readonly labels: readonly Label[];
  readonly value: number;
}

/** A part of Hubpulse that has figures about itself. Reading them does no I/O. */
export type MetricSource = () => readonly MetricFamily[];

/** A family with one series without labels. */
export function single(family: Omit<MetricFamily, 'points'>, value: number): MetricFamily {
  return { ...family, points: [{ suffix: '', labels: [], value }] };
}

/** A family with one series for each value of one label. */
export function byLabel(
  family: Omit<MetricFamily, 'points'>,
  label: string,
  values: ReadonlyMap<string, number>,
): MetricFamily {
  const points = [...values].map(([key, value]) => ({
    suffix: '',
    labels: [[label, key]] as const,
    value,
  }));
  return { ...family, points };
}

/** Media type of the Prometheus text format that `formatFamilies` prints. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Prints families in the Prometheus text format 0.0.4. A family without series is left out. */
export function formatFamilies(families: readonly MetricFamily[]): string {
  return families
    .filter(({ points }) => points.length > 0)
    .map(formatFamily)
    .join('');
}

function formatFamily({ name, type, help, points }: MetricFamily): string {
  const lines = points.map(
    ({ suffix, labels, value }) => `${name}${suffix}${formatPairs(labels)} ${formatNumber(value)}`,
  );
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function formatPairs(labels: readonly Label[]): string {
  if (labels.length === 0) return '';
  return `{${labels.map(([name, value]) => `${name}="${escapeLabelValue(value)}"`).join(',')}}`;
}

/** Help text escapes backslash and line feed, and unlike label values no quotes. */
function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** A number as Prometheus writes it: `+Inf`, `-Inf`, `NaN`, else the shortest decimal that reads back the same. */
export function formatNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
