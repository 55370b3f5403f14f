/** The units of a printed duration; the first two only where they divide it without a rest, as in Prometheus. */
const UNITS: readonly (readonly [unit: string, sizeMs: number, isExact: boolean])[] = [
  ['y', 31_536_000_000, true],
  ['w', 604_800_000, true],
  ['d', 86_400_000, false],
  ['h', 3_600_000, false],
  ['m', 60_000, false],
  ['s', 1000, false],
  ['ms', 1, false],
];

/** A duration as PromQL writes it: `1h30m`. Parts of a millisecond are dropped. */
export function printDuration(durationMs: number): string {
  let rest = Math.round(durationMs);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, sizeMs, isExact] of UNITS) {
    const count = Math.floor(rest / sizeMs);
    if (count === 0 || (isExact && rest % sizeMs !== 0)) continue;
    text += `${count}${unit}`;
    rest -= count * sizeMs;
  }
  return text;
}
