import type { Position } from './syntax/ast.ts';

/** Why a query was refused or failed. */
export type PromqlErrorCode =
  /** The query is not PromQL, is not well typed, or asks for what this engine does not support. */
  | 'bad_data'
  /** The query is well formed and cannot be answered, such as an ambiguous match of series. */
  | 'execution'
  /** The time that the caller allows was over. */
  | 'timeout'
  /** The caller no longer wants the answer. */
  | 'canceled';

/** What an error may carry beside its code and its message. */
export interface PromqlErrorDetails extends ErrorOptions {
  /** Where in the query; absent when the whole query is meant. */
  readonly position?: Position | undefined;
  /** Whether this is a feature of Prometheus that this engine leaves out. */
  readonly unsupported?: boolean;
}

/** The one error that this package throws. Errors of the series' source pass unchanged. */
export class PromqlError extends Error {
  override readonly name = 'PromqlError';
  readonly code: PromqlErrorCode;
  readonly position: Position | undefined;
  readonly unsupported: boolean;

  constructor(code: PromqlErrorCode, message: string, details: PromqlErrorDetails = {}) {
    super(message, details);
    this.code = code;
    this.position = details.position;
    this.unsupported = details.unsupported ?? false;
  }
}

/** An error in the text of a query, worded as Prometheus does: `1:5: parse error: …`. */
export function parseError(position: Position, message: string): PromqlError {
  const { line, column } = position;
  return new PromqlError('bad_data', `${line}:${column}: parse error: ${message}`, { position });
}

/** A query that Prometheus would take, with its experimental features or native histograms, and this engine does not. */
export function unsupportedError(position: Position, what: string): PromqlError {
  const { line, column } = position;
  const message = `${line}:${column}: not supported: ${what}`;
  return new PromqlError('bad_data', message, { position, unsupported: true });
}

/** A well-formed query that has no answer; the message is Prometheus' own where it has one. */
export function executionError(message: string, position?: Position): PromqlError {
  return new PromqlError('execution', message, { position });
}
