import { STALE_HIGH_BITS, STALE_LOW_BITS } from '@hubpulse/model';

/** Views the bits of values; their halves are little-endian, as on every machine that Node runs on. */
function bitsOf(values: Float64Array): Uint32Array {
  const isAligned = values.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset, length } = isAligned ? values : values.slice();
  return new Uint32Array(buffer, byteOffset, length * 2);
}

/** Which values are stale markers: 1 for each that is one; `undefined` when none is. */
export function findStaleMarkers(values: Float64Array): Uint8Array | undefined {
  let stale: Uint8Array | undefined;
  const bits = bitsOf(values);
  for (let i = 0; i < values.length; i += 1) {
    if (bits[2 * i + 1] !== STALE_HIGH_BITS || bits[2 * i] !== STALE_LOW_BITS) continue;
    stale ??= new Uint8Array(values.length);
    stale[i] = 1;
  }
  return stale;
}

/** The columns without stale markers; the same when there are none. */
export function withoutStaleMarkers(columns: {
  readonly tMs: Float64Array;
  readonly values: Float64Array;
}): { readonly tMs: Float64Array; readonly values: Float64Array } {
  const stale = findStaleMarkers(columns.values);
  if (stale === undefined) return columns;
  const keep = (_: number, i: number): boolean => stale[i] === 0;
  return { tMs: columns.tMs.filter(keep), values: columns.values.filter(keep) };
}
