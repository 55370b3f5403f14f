import { crc32 } from 'node:zlib';

/**
 * Orders series on disk: first 20 bits of a hash of the metric's name, then the 32 bits of the ref. So series of one
 * metric, which queries read together, lie together, and no table of metrics is needed; two metrics of one hash merely
 * share a neighbourhood. 52 bits stay exact in a double.
 */
export function seriesKey(ref: number, metricName: string): number {
  return (crc32(metricName) >>> 12) * REFS + ref;
}

/** The ref within a key. */
export function refOfKey(key: number): number {
  return key % REFS;
}

const REFS = 2 ** 32;
