import type { Position } from '../syntax/ast.ts';
import { quote } from '../syntax/quotation.ts';

/** What a query says beside its answer, each text once, worded as Prometheus does. */
export interface Annotations {
  warn(text: string, position: Position): void;
  inform(text: string, position: Position): void;
  warnings(): string[];
  infos(): string[];
}

/** Opens an empty collection. */
export function createAnnotations(): Annotations {
  const warnings = new Set<string>();
  const infos = new Set<string>();
  const at = ({ line, column }: Position): string => `(${line}:${column})`;
  return {
    warn: (text, position) => warnings.add(`PromQL warning: ${text} ${at(position)}`),
    inform: (text, position) => infos.add(`PromQL info: ${text} ${at(position)}`),
    warnings: () => [...warnings],
    infos: () => [...infos],
  };
}

/** A quantile that is none. */
export function invalidQuantile(quantile: number): string {
  return `quantile value should be between 0 and 1, got ${printShort(quantile)}`;
}

/** The end of an annotation that is about one metric. */
export function forMetric(name: string): string {
  return name === '' ? '' : ` for metric name ${quote(name)}`;
}

/** Powers of ten from which on, and below which, Go's `%g` writes an exponent. */
const EXPONENT_FROM = 6;
const EXPONENT_BELOW = -4;

/** A number as Go's `%g` writes it: `1e+06`, `-1e-05`, `0.25`. */
function printShort(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= EXPONENT_BELOW && power < EXPONENT_FROM) return String(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
