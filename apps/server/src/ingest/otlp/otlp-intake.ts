import type { IngestCounts, Wire } from '../ingest-counts.ts';
import type { IngestLimits } from '../limits.ts';
import { Refusal } from '../refusal.ts';
import { type ContentCoding, decompress } from './content-coding.ts';
import { encodeJsonRequest } from './json-request.ts';
import type { OtlpSignal } from './message-schema.ts';
import type { Sending } from '../sending.ts';
import type { OtlpReceipt, OtlpReceiver } from './receiver.ts';

/** The form of a body. */
export type OtlpEncoding = 'protobuf' | 'json';

/** A request as it arrives. */
export interface OtlpBody extends Sending {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  readonly coding: ContentCoding;
  readonly body: Uint8Array;
}

/** What became of a request, or why nothing of it was taken. */
export type OtlpOutcome = OtlpReceipt | { readonly refusal: Refusal };

/** Receives what OpenTelemetry's exporters send. */
export interface OtlpIntake {
  /** The signals that are received. */
  readonly signals: readonly OtlpSignal[];
  /** Rejects only with what the store throws, and then nothing was taken. */
  receive(request: OtlpBody): Promise<OtlpOutcome>;
}

/** The wire of each signal. */
export const OTLP_WIRES: Readonly<Record<OtlpSignal, Wire>> = {
  metrics: 'otlp_metrics',
  traces: 'otlp_traces',
  logs: 'otlp_logs',
};

/** Puts receivers behind the transport: bodies are decompressed, and JSON becomes what Protocol Buffers would have been. */
export function createOtlpIntake({
  limits,
  counts,
  receivers,
}: {
  limits: Pick<IngestLimits, 'maxDecompressedBytes'>;
  counts: Pick<IngestCounts, 'addRefused'>;
  receivers: Readonly<Partial<Record<OtlpSignal, OtlpReceiver | undefined>>>;
}): OtlpIntake {
  const open = async (request: OtlpBody): Promise<Uint8Array> => {
    const { signal, encoding, coding, body, lease } = request;
    const bytes = await decompress(body, coding, limits.maxDecompressedBytes);
    lease.resize(body.length + bytes.length);
    return asPlain(encoding === 'json' ? encodeJsonRequest(bytes, signal) : bytes);
  };

  return {
    signals: SIGNALS.filter((signal) => receivers[signal] !== undefined),
    receive: async (request) => {
      const receiver = receivers[request.signal];
      if (receiver === undefined) throw new Error(`BUG: no receiver of ${request.signal}`);
      try {
        return await receiver.receive(await open(request), request);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        counts.addRefused(OTLP_WIRES[request.signal], error, 0);
        return { refusal: error };
      }
    },
  };
}

/** A view without the habits of Node's buffers, whose `slice` does not copy. */
function asPlain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

const SIGNALS: readonly OtlpSignal[] = ['metrics', 'traces', 'logs'];
