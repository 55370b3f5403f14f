/** The colours that tell entities apart, as names of CSS variables. `--s8` is grey, for "all others". */
export const SERIES_COLORS = ['--s1', '--s2', '--s3', '--s4', '--s5', '--s6', '--s7'] as const;

/** The colour of everything that has none of its own. */
export const OTHER_COLOR = '--s8';

/** A CSS variable of the palette. */
export type SeriesColor = (typeof SERIES_COLORS)[number] | typeof OTHER_COLOR;

/** The colour of an entity (a host, a model): always the same for the same name, on every page. */
export function colorOf(name: string): SeriesColor {
  return SERIES_COLORS[hash(name) % SERIES_COLORS.length] ?? OTHER_COLOR;
}

/**
 * The colours of entities that are shown together. Each has the colour of `colorOf` unless a name before it in the
 * alphabet already took that; then the next free one. Beyond seven, the rest share `OTHER_COLOR`.
 */
export function colorsOf(names: Iterable<string>): ReadonlyMap<string, SeriesColor> {
  const colors = new Map<string, SeriesColor>();
  const free = new Set<string>(SERIES_COLORS);
  for (const name of new Set([...names].toSorted())) {
    const first = hash(name) % SERIES_COLORS.length;
    const order = [...SERIES_COLORS.slice(first), ...SERIES_COLORS.slice(0, first)];
    const color = order.find((candidate) => free.has(candidate)) ?? OTHER_COLOR;
    free.delete(color);
    colors.set(name, color);
  }
  return colors;
}

/** FNV-1a over UTF-16 code units, 32 bits: short, and spreads names that differ in one digit. */
function hash(name: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) value = Math.imul(value ^ name.charCodeAt(i), 0x01000193);
  // The low bits of FNV-1a mix least; fold the high ones in before a small modulus.
  return (value ^ (value >>> 15)) >>> 0;
}
