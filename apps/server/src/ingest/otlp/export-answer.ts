import { BackwardWriter } from './backward-writer.ts';
import type { OtlpSignal } from './message-schema.ts';
import type { OtlpEncoding } from './otlp-intake.ts';
import type { OtlpReceipt } from './receiver.ts';

/** How the rejected items of a signal are called in JSON. */
const REJECTED_KEYS: Readonly<Record<OtlpSignal, string>> = {
  metrics: 'rejectedDataPoints',
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
};

/**
 * Encodes an `Export…ServiceResponse`: an empty message when all was taken, else one with `partial_success`. Its fields have
 * the same numbers for every signal.
 */
export function encodeExportAnswer(
  { rejected, message }: OtlpReceipt,
  signal: OtlpSignal,
  encoding: OtlpEncoding,
): Uint8Array {
  const isFull = rejected === 0 && message === '';
  if (encoding === 'json') {
    const partialSuccess = { [REJECTED_KEYS[signal]]: String(rejected), errorMessage: message };
    return Buffer.from(JSON.stringify(isFull ? {} : { partialSuccess }));
  }
  const writer = new BackwardWriter();
  if (!isFull) {
    writeText(writer, 2, message);
    writeNumber(writer, 1, rejected);
    writer.writeHead(1, 0);
  }
  return writer.finish();
}

/**
 * Encodes a `google.rpc.Status`, the body of every answer that is no success.
 *
 * @param code A code of gRPC.
 */
export function encodeStatus(code: number, message: string, encoding: OtlpEncoding): Uint8Array {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new BackwardWriter();
  writeText(writer, 2, message);
  writeNumber(writer, 1, code);
  return writer.finish();
}

function writeText(writer: BackwardWriter, number: number, text: string): void {
  const before = writer.length;
  writer.writeText(text);
  writer.writeHead(number, before);
}

function writeNumber(writer: BackwardWriter, number: number, value: number): void {
  writer.writeVarint(value);
  writer.writeTag(number, 0);
}
