import { LABEL_TAG } from '../label-bytes.ts';
import type { MetricMetadata } from '../metric-metadata.ts';
import { ProtobufReader } from '../protobuf.ts';
import type { RequestBatch } from '../request-batch.ts';
import { noExtras, type RemoteWriteExtras } from './extras.ts';
import { readMetadata } from './metadata-field.ts';
import { readSample } from './sample-field.ts';

/** Fields of `prometheus.WriteRequest` and `prometheus.TimeSeries` that we read; any other is passed over. */
const TIME_SERIES_TAG = 0x0a;
const METADATA_TAG = 0x1a;
const SAMPLE_TAG = 0x12;
const EXEMPLAR_TAG = 0x1a;
const HISTOGRAM_TAG = 0x22;

/** Decodes `prometheus.WriteRequest`, the message of remote write 1.0. */
export class WriteRequestDecoder {
  readonly #reader = new ProtobufReader();
  readonly #batch: RequestBatch;
  readonly #metadata: MetricMetadata;
  #extras: RemoteWriteExtras = noExtras();

  /** @param metadata Takes what a request says of metrics. */
  constructor(batch: RequestBatch, metadata: MetricMetadata) {
    this.#batch = batch;
    this.#metadata = metadata;
  }

  /**
   * Reads every series into the batch.
   *
   * @returns What the message holds beside samples.
   * @throws Refusal
   */
  decode(bytes: Uint8Array): RemoteWriteExtras {
    const reader = this.#reader;
    this.#extras = noExtras();
    reader.open(bytes);
    while (reader.at < bytes.length) {
      const tag = reader.readVarint();
      if (tag === TIME_SERIES_TAG) {
        reader.end = reader.readLength();
        this.#readSeries();
        reader.end = bytes.length;
      } else if (tag === METADATA_TAG) {
        readMetadata(reader, this.#metadata);
      } else {
        reader.skip(tag);
      }
    }
    return this.#extras;
  }

  /** Every sender writes the labels of a series one after another: then their bytes are the key as they stand. */
  #readSeries(): void {
    const reader = this.#reader;
    const start = reader.at;
    let labelsStart = start;
    let labelsEnd = start;
    let isContiguous = true;
    while (reader.at < reader.end) {
      const fieldStart = reader.at;
      const tag = reader.readVarint();
      if (tag === LABEL_TAG) {
        reader.at = reader.readLength();
        if (labelsEnd === start) labelsStart = fieldStart;
        else if (labelsEnd !== fieldStart) isContiguous = false;
        labelsEnd = reader.at;
      } else {
        this.#readOther(tag);
      }
    }
    if (isContiguous) this.#batch.endSeries(reader.bytes, labelsStart, labelsEnd);
    else this.#endScattered(start);
  }

  #readOther(tag: number): void {
    if (tag === SAMPLE_TAG) {
      readSample(this.#reader, this.#batch.columns);
      return;
    }
    if (tag === EXEMPLAR_TAG) this.#extras.exemplars++;
    else if (tag === HISTOGRAM_TAG) this.#extras.histograms++;
    this.#reader.skip(tag);
  }

  /** Gathers labels that other fields stand between. */
  #endScattered(start: number): void {
    const reader = this.#reader;
    const key = new Uint8Array(reader.end - start);
    let length = 0;
    reader.at = start;
    while (reader.at < reader.end) {
      const fieldStart = reader.at;
      const tag = reader.readVarint();
      reader.skip(tag);
      if (tag !== LABEL_TAG) continue;
      key.set(reader.bytes.subarray(fieldStart, reader.at), length);
      length += reader.at - fieldStart;
    }
    this.#batch.endSeries(key, 0, length);
  }
}
