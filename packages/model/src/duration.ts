/** Sizes of the units of a duration in milliseconds, in the order in which they may follow each other. */
const UNITS_MS: readonly number[] = [
  31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1,
];

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * The milliseconds of a duration as Prometheus writes it: `15s`, `1h30m`, `500ms`, units from large to small, each once.
 * `undefined` for what is none, the empty text included, and past 2⁵³.
 */
export function parseDuration(text: string): number | undefined {
  const parts = text === '' ? null : DURATION.exec(text);
  if (parts === null) return undefined;
  const durationMs = UNITS_MS.reduce(
    (sum, unitMs, i) => sum + Number(parts[i + 1] ?? 0) * unitMs,
    0,
  );
  return Number.isSafeInteger(durationMs) ? durationMs : undefined;
}

/** The units of a printed duration; the first two only where they divide it without a rest, as in Prometheus. */
const PRINTED_UNITS: readonly (readonly [unit: string, sizeMs: number, isExact: boolean])[] = [
  ['y', 31_536_000_000, true],
  ['w', 604_800_000, true],
  ['d', 86_400_000, false],
  ['h', 3_600_000, false],
  ['m', 60_000, false],
  ['s', 1000, false],
  ['ms', 1, false],
];

/** A duration as Prometheus prints it: `1h30m`. Parts of a millisecond are dropped. */
export function printDuration(durationMs: number): string {
  let rest = Math.round(durationMs);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, sizeMs, isExact] of PRINTED_UNITS) {
    const count = Math.floor(rest / sizeMs);
    if (count === 0 || (isExact && rest % sizeMs !== 0)) continue;
    text += `${count}${unit}`;
    rest -= count * sizeMs;
  }
  return text;
}
