import { pino, stdSerializers, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';

/** How much is logged, from most to least; a level includes those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a line carries beside its message. Errors go under `err`, so that their stack and causes are kept. */
type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where the parts of Hubpulse report what an operator should know. The message is a full sentence without variables;
 * these stand in the fields, with their unit in the name. Never throws. Writing is synchronous, so that the last lines
 * before an exit are not lost.
 */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Gets one whole line with each write. */
  readonly stream: { write(line: string): unknown };
  /** Lines for people when true; otherwise JSON, one object a line, time in ISO 8601 UTC under `time`. */
  readonly isTerminal: boolean;
  /** Colours for people; default `isTerminal`. Give `false` where `NO_COLOR` is set. */
  readonly colour?: boolean;
}

/**
 * Creates the log of the process.
 *
 * The values of fields that are called like a secret (`password`, `authorization`, …) are replaced down to the fourth
 * level of nesting, also inside errors, and so are the passwords of URLs anywhere in a line.
 */
export function createLog({ level, stream, isTerminal, colour = isTerminal }: LogOptions): Log {
  return pino(
    {
      level,
      // The supervisor that collects the lines knows process and host; they would double the size of a short line.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        err: stdSerializers.errWithCause,
        error: stdSerializers.errWithCause,
        cause: stdSerializers.errWithCause,
      },
      redact: { paths: secretPaths(), censor: '[redacted]' },
      hooks: { streamWrite: withoutUrlPasswords },
    },
    isTerminal ? humanLines(stream, colour) : stream,
  );
}

/** Names under which libraries and our own code carry secrets. Node gives header names in lower case. */
const SECRET_FIELDS = [
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'password',
  'passwd',
  'secret',
  'token',
  'credentials',
  'apiKey',
  'api_key',
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'clientSecret',
  'client_secret',
  'privateKey',
  'private_key',
];

/** The deepest place that libraries are known to use is `err.config.headers.authorization`. */
const SECRET_PARENTS = ['', '*', '*.*', '*.*.*'];

function secretPaths(): string[] {
  return SECRET_PARENTS.flatMap((parents) => SECRET_FIELDS.map((name) => `${parents}["${name}"]`));
}

/** Connection strings reach the log inside the messages of database drivers, where no path leads. */
function withoutUrlPasswords(line: string): string {
  return line.replaceAll(/(:\/\/[^\s:/@"\\]{0,256}):[^\s/@"\\]{1,1024}@/g, '$1:[redacted]@');
}

function humanLines(stream: LogOptions['stream'], colour: boolean): LogOptions['stream'] {
  const humanLine = prettyFactory({
    colorize: colour,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    errorLikeObjectKeys: ['err', 'error', 'cause'],
  });
  return { write: (line) => stream.write(humanLine(line)) };
}
