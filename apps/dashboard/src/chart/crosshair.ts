/** The keyboard crosshair: the step that it stands on and the step from which a stretch is being marked. */
export interface Crosshair {
  readonly index: number | null;
  readonly anchor: number | null;
}

/** A crosshair that is not shown. */
export const NO_CROSSHAIR: Crosshair = { index: null, anchor: null };

/** What a key does: the new crosshair, and the steps to zoom to (both inclusive, in order) when it asked for that. */
export interface CrosshairMove {
  readonly crosshair: Crosshair;
  readonly zoom: readonly [first: number, last: number] | null;
}

/** Steps that one key press moves with Shift or Page. */
const LEAP = 10;

const LEAPS: ReadonlyMap<string, number> = new Map([
  ['ArrowLeft', -1],
  ['ArrowRight', 1],
  ['PageUp', -LEAP],
  ['PageDown', LEAP],
]);

/**
 * What a key does to the crosshair of a chart with `length` steps: arrows move (with Shift by ten), Home and End go to
 * the ends, Space marks where a stretch begins, Enter zooms to it, Escape gives up the mark and then the crosshair.
 *
 * @returns `null` for a key that means nothing here, which the page may then use.
 */
export function moveCrosshair(
  crosshair: Crosshair,
  press: { readonly key: string; readonly shiftKey: boolean },
  length: number,
): CrosshairMove | null {
  if (length === 0) return null;
  const last = length - 1;
  const at = Math.min(crosshair.index ?? last, last);
  const target = targetOf(press, { at, last, isShown: crosshair.index !== null });
  if (target === null) return mark(crosshair, press.key, at);
  const index = Math.min(last, Math.max(0, target));
  return { crosshair: { index, anchor: crosshair.anchor }, zoom: null };
}

/** The step that a key goes to, perhaps beyond the ends; the first press only shows the crosshair where it starts. */
function targetOf(
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  { at, last, isShown }: { readonly at: number; readonly last: number; readonly isShown: boolean },
): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return last;
  const leap = LEAPS.get(key);
  if (leap === undefined) return null;
  return isShown ? at + leap * (shiftKey ? LEAP : 1) : last;
}

function mark({ index, anchor }: Crosshair, key: string, at: number): CrosshairMove | null {
  if (key === ' ') {
    return { crosshair: { index: at, anchor: anchor === null ? at : null }, zoom: null };
  }
  if (key === 'Enter' && anchor !== null) {
    return { crosshair: NO_CROSSHAIR, zoom: [Math.min(anchor, at), Math.max(anchor, at)] };
  }
  if (key === 'Escape' && index !== null) {
    return { crosshair: { index: anchor === null ? null : index, anchor: null }, zoom: null };
  }
  return null;
}
