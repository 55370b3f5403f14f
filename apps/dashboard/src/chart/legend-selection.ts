/** The ids of the lines that are hidden. */
export type HiddenLines = ReadonlySet<string>;

/**
 * What a click on a legend entry hides. A plain click shows that line alone, or all again when it is alone already;
 * with `toggle` (Ctrl, Command or Alt) it shows or hides the line. The last line is never hidden.
 */
export function selectLine(
  hidden: HiddenLines,
  id: string,
  { ids, toggle }: { readonly ids: readonly string[]; readonly toggle: boolean },
): HiddenLines {
  const shown = ids.filter((line) => !hidden.has(line));
  const isAlone = shown.length === 1 && shown[0] === id;
  if (isAlone) return new Set();
  if (!toggle) return new Set(ids.filter((line) => line !== id));
  const next = new Set(hidden);
  if (!next.delete(id)) next.add(id);
  return next;
}
