import type { Labels } from '@hubpulse/model';
import { compress } from './snappy.ts';
import type { Workload } from './workload.ts';

/** Which samples a request holds: all series from `fromSeries` to before `toSeries` at each of `steps` steps. */
export interface RequestRange {
  readonly fromSeries: number;
  readonly toSeries: number;
  readonly firstStep: number;
  readonly steps: number;
  /** Samples that share one mention of their series; 1 is what Prometheus sends, `steps` makes the smallest body. */
  readonly samplesPerSeries?: number;
}

/** Makes compressed bodies of remote write 1.0 (`prometheus.WriteRequest`) from a workload. */
export type EncodeRequest = (range: RequestRange) => Uint8Array;

/** Field tag and length, value, time: what one sample takes at most. */
const SAMPLE_BYTES = 24;

/** Tag and length of a series. */
const SERIES_HEAD_BYTES = 6;

export function createRequestEncoder(workload: Workload): EncodeRequest {
  const labelBytes = workload.labels.map(encodeLabels);
  const longest = labelBytes.reduce((most, { length }) => Math.max(most, length), 0);
  return (range) => {
    const { fromSeries, toSeries, firstStep, steps, samplesPerSeries = 1 } = range;
    const count = (toSeries - fromSeries) * steps;
    const mentions = Math.ceil(count / samplesPerSeries);
    const out = new Uint8Array(mentions * (SERIES_HEAD_BYTES + longest) + count * SAMPLE_BYTES);
    const view = new DataView(out.buffer);
    let at = 0;
    for (let step = firstStep; step < firstStep + steps; step += samplesPerSeries) {
      const end = Math.min(step + samplesPerSeries, firstStep + steps);
      for (let series = fromSeries; series < toSeries; series++) {
        const labels = labelBytes[series] ?? new Uint8Array(0);
        const bodyAt = at + SERIES_HEAD_BYTES;
        out.set(labels, bodyAt);
        let to = bodyAt + labels.length;
        for (let one = step; one < end; one++) {
          to = writeSample(view, to, workload.timeOf(series, one), workload.nextValue(series));
        }
        at = closeSeries(out, { at, bodyAt, to });
      }
    }
    return compress(out.subarray(0, at));
  };
}

/** Writes tag and length in front of a series' bytes and moves these next to them. */
function closeSeries(
  out: Uint8Array,
  { at, bodyAt, to }: { readonly at: number; readonly bodyAt: number; readonly to: number },
): number {
  out[at] = 0x0a;
  let head = at + 1;
  let rest = to - bodyAt;
  for (; rest >= 0x80; rest >>>= 7) out[head++] = (rest & 0x7f) | 0x80;
  out[head++] = rest;
  out.copyWithin(head, bodyAt, to);
  return head + to - bodyAt;
}

// oxlint-disable-next-line max-params -- An object for each sample would cost more than encoding it.
function writeSample(view: DataView, at: number, tMs: number, value: number): number {
  view.setUint8(at, 0x12);
  view.setUint8(at + 2, 0x09);
  view.setFloat64(at + 3, value, true);
  view.setUint8(at + 11, 0x10);
  let to = at + 12;
  let rest = tMs;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) view.setUint8(to++, (rest % 128) | 0x80);
  view.setUint8(to++, rest);
  view.setUint8(at + 1, to - at - 2);
  return to;
}

function encodeLabels(labels: Labels): Uint8Array {
  const utf8 = new TextEncoder();
  const bytes: number[] = [];
  for (const [name, value] of labels) {
    const [nameBytes, valueBytes] = [utf8.encode(name), utf8.encode(value)];
    // Every length stays below 128, one byte: names and values of a workload are short.
    bytes.push(0x0a, nameBytes.length + valueBytes.length + 4);
    bytes.push(0x0a, nameBytes.length, ...nameBytes, 0x12, valueBytes.length, ...valueBytes);
  }
  return Uint8Array.from(bytes);
}
