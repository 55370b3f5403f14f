import type { Clock } from '../../clock.ts';
import type { MetricStore } from '../../store/port.ts';
import type { Gate } from '../gate.ts';
import type { IngestCounts } from '../ingest-counts.ts';
import type { Sending } from '../sending.ts';

/** What became of a request that was taken: what the answer says of a partial success. */
export interface OtlpReceipt {
  /** Data points, spans or log records that are not taken, and never will be. */
  readonly rejected: number;
  /** Why; empty when all was taken. With nothing rejected it is advice to the sender. */
  readonly message: string;
}

/** Takes the requests of one signal, and counts what it takes. */
export interface OtlpReceiver {
  /**
   * Takes one request. What it could take is durable, or beyond loss in the way that the receiver documents, when the
   * promise resolves.
   *
   * @param message The signal's `Export…ServiceRequest` in Protocol Buffers, whatever it came in. It stays as it is.
   * @throws Refusal when nothing of it was taken: `malformed` when it is no such message; the caller counts it. What the
   * store throws passes through, and then nothing was taken either.
   */
  receive(message: Uint8Array, sending: Sending): Promise<OtlpReceipt>;
}

/** What receivers are made of. */
export interface ReceiverParts {
  readonly store: MetricStore;
  readonly clock: Clock;
  readonly gate: Gate;
  readonly counts: IngestCounts;
}
