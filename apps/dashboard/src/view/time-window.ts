/** Two instants that stand still, Unix milliseconds; `fromMs` is before `toMs`. */
export interface FixedWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Six figures of a host that is read every 5 s: less shows no course. */
export const MIN_WINDOW_MS = 30_000;

/** As long as raw figures are kept, 15 days. */
export const MAX_WINDOW_MS = 15 * 86_400_000;

/** A click that trembles is no selection: as seen in seconds on the shortest range, below one step of a line. */
const MIN_SELECTION_MS = 2_000;

/** What is wrong with a window that somebody typed. */
export type WindowProblem =
  | 'fromMissing'
  | 'toMissing'
  | 'fromAfterTo'
  | 'inFuture'
  | 'tooShort'
  | 'tooLong';

/** The first thing wrong with a typed window; `NaN` stands for a field that is empty or unreadable. */
export function windowProblem(
  { fromMs, toMs }: FixedWindow,
  nowMs: number,
): WindowProblem | undefined {
  if (Number.isNaN(fromMs)) return 'fromMissing';
  if (Number.isNaN(toMs)) return 'toMissing';
  if (fromMs >= toMs) return 'fromAfterTo';
  if (toMs > nowMs) return 'inFuture';
  if (toMs - fromMs < MIN_WINDOW_MS) return 'tooShort';
  return toMs - fromMs > MAX_WINDOW_MS ? 'tooLong' : undefined;
}

/** The window moved by half its length, earlier (-1) or later (1), so that half of what was seen stays; never into the future. */
export function shifted(
  { fromMs, toMs }: FixedWindow,
  direction: -1 | 1,
  nowMs: number,
): FixedWindow {
  const lengthMs = toMs - fromMs;
  const end = Math.min(nowMs, toMs + Math.round((direction * lengthMs) / 2));
  return { fromMs: end - lengthMs, toMs: end };
}

/** The window `factor` times as long around its middle, within the limits and not into the future. */
export function scaled({ fromMs, toMs }: FixedWindow, factor: number, nowMs: number): FixedWindow {
  const lengthMs = Math.min(MAX_WINDOW_MS, Math.max(MIN_WINDOW_MS, (toMs - fromMs) * factor));
  const end = Math.min(nowMs, Math.round((fromMs + toMs) / 2 + lengthMs / 2));
  return { fromMs: Math.round(end - lengthMs), toMs: end };
}

/** The window for a stretch that was dragged over a chart: at least the shortest one; `undefined` for a mere tremble. */
export function selected({ fromMs, toMs }: FixedWindow, nowMs: number): FixedWindow | undefined {
  if (toMs - fromMs < MIN_SELECTION_MS) return undefined;
  return scaled({ fromMs, toMs }, 1, nowMs);
}

/** A window of `lengthMs` that ends shortly after `tMs`, so that this figure stands near its right edge. */
export function around(tMs: number, lengthMs: number, nowMs: number): FixedWindow {
  const end = Math.min(nowMs, Math.ceil(tMs + lengthMs / 10));
  return { fromMs: end - lengthMs, toMs: end };
}
