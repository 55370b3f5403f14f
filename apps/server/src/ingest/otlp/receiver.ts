import type { Lease } from '../gate.ts';

/** Who sends a request, and the memory that it holds. */
export interface OtlpSending {
  /** The sender's address. */
  readonly sender: string;
  readonly lease: Pick<Lease, 'resize'>;
}

/** What became of a request that was taken: what the answer says of a partial success. */
export interface OtlpReceipt {
  /** Data points, spans or log records that are not taken, and never will be. */
  readonly rejected: number;
  /** Why; empty when all was taken. With nothing rejected it is advice to the sender. */
  readonly message: string;
}

/** Takes the requests of one signal. */
export interface OtlpReceiver {
  /**
   * Takes one request. What it could take is durable, or beyond loss in the way that the receiver documents, when the
   * promise resolves.
   *
   * @param message The signal's `Export…ServiceRequest` in Protocol Buffers, whatever it came in. It stays as it is.
   * @throws Refusal when nothing of it was taken: `malformed` when it is no such message. What the store throws passes
   * through, and then nothing was taken either.
   */
  receive(message: Uint8Array, sending: OtlpSending): Promise<OtlpReceipt>;
}
