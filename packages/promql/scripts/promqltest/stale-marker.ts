/** Writes a stale marker through its bits: a NaN may lose them on its way through a variable. */
export function writeStaleMarker(values: Float64Array, index: number): void {
  new DataView(values.buffer, values.byteOffset).setBigUint64(index * 8, 0x7ff0000000000002n, true);
}
