import { type Clock, systemClock } from './clock.ts';
import { type Command, parseCommandLine } from './config/command-line.ts';
import { loadConfig } from './config/config.ts';
import type { Environment } from './config/environment.ts';
import { isLoopback } from './config/host-name.ts';
import { formatJson, formatTable } from './config/listing.ts';
import type { Config } from './config/settings.ts';
import { formatUsage } from './config/usage.ts';
import { EXIT, type ExitCode, runLifetime, type Running, type SignalSource } from './lifetime.ts';
import { createLog, type Log } from './log.ts';
import { checkRuleFiles } from './rules/rule-check.ts';
import { StartupError } from './startup-error.ts';

export type { Running } from './lifetime.ts';

/** What the `hubpulse` command needs from the world. */
export interface CliOptions {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** Answers only: the ready line, the configuration, help. */
  readonly stdout: NodeJS.WritableStream;
  /** Faults and the log. */
  readonly stderr: NodeJS.WritableStream;
  /** Whether `stderr` is a terminal. */
  readonly isTerminal: boolean;
  readonly version: string;
  /** Builds and starts every part; rejects with a `StartupError` for what the user can put right. */
  readonly start: (config: Config, log: Log) => Promise<Running>;
  readonly signals: SignalSource;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/** A file of thousands of mistakes is the wrong file; the first ones say so. */
const MAX_FAULT_LINES = 20;

/**
 * Runs the `hubpulse` command to its end. Never rejects for what a user, the disk or a part did wrong.
 *
 * @returns The exit code: 0 done; 1 failed, a rule file is not valid, or not closed within 5 s; 2 refused to start, with one line for each fault
 * on `stderr`; 130 or 143 ended by a second signal. The caller ends the process with it.
 */
export async function runCli(options: CliOptions): Promise<ExitCode> {
  // A reader that goes away (`hubpulse | head -1`) must not end the server; `write` tells its callback too.
  for (const stream of [options.stdout, options.stderr]) stream.on('error', () => undefined);
  try {
    return await runCommand(options, parseCommandLine(options.argv));
  } catch (error) {
    if (error instanceof StartupError) return refuse(options, [error]);
    throw error;
  }
}

async function runCommand(options: CliOptions, command: Command): Promise<ExitCode> {
  if (command.name === 'help') return answer(options, formatUsage(options.version));
  if (command.name === 'version') return answer(options, `${options.version}\n`);
  const { env, cwd } = options;
  if (command.name === 'rules') return checkRules(options, command.files);
  const loaded = await loadConfig({ env, cwd, ...command });
  if (!loaded.ok) return refuse(options, loaded.faults);
  if (command.name === 'start') return serve(options, loaded.config);
  const format = command.json ? formatJson : formatTable;
  return answer(options, format(loaded.config, loaded.sources));
}

async function checkRules(options: CliOptions, files: readonly string[]): Promise<ExitCode> {
  const { isValid, report } = await checkRuleFiles(files, options.cwd);
  const code = await answer(options, report);
  return isValid ? code : EXIT.failed;
}

async function serve(options: CliOptions, config: Config): Promise<ExitCode> {
  const log = createLog({
    level: config.logLevel,
    stream: options.stderr,
    isTerminal: options.isTerminal,
    // https://no-color.org: any value but the empty one.
    colour: options.isTerminal && (options.env['NO_COLOR'] ?? '') === '',
  });
  if (!isLoopback(config.host)) {
    log.warn(
      { host: config.host },
      'Everyone who can reach this host may see and change everything.',
    );
  }
  try {
    return await runLifetime({
      start: () => options.start(config, log),
      announce: ({ url }) => announce(options, { url, config, log }),
      signals: options.signals,
      clock: options.clock ?? systemClock,
      log,
    });
  } catch (error) {
    if (error instanceof StartupError) throw error;
    log.error({ err: error }, 'Hubpulse could not start.');
    return EXIT.failed;
  }
}

async function announce(
  { stdout }: CliOptions,
  ready: { readonly url: string; readonly config: Config; readonly log: Log },
): Promise<void> {
  const detail = `data: ${ready.config.dataDir}, press Ctrl-C to stop`;
  const failure = await write(stdout, `Hubpulse is ready: ${ready.url}  (${detail})\n`);
  if (failure !== undefined) ready.log.warn({ err: failure }, 'Standard output cannot be written.');
}

function refuse({ stderr }: CliOptions, faults: readonly StartupError[]): ExitCode {
  const lines = faults.slice(0, MAX_FAULT_LINES).map((fault) => fault.message);
  const hidden = faults.length - lines.length;
  if (hidden > 0) lines.push(`${hidden} more faults are not shown.`);
  stderr.write(lines.map((line) => `hubpulse: ${line}\n`).join(''));
  return EXIT.refused;
}

async function answer({ stdout, stderr }: CliOptions, text: string): Promise<ExitCode> {
  const failure = await write(stdout, text);
  if (failure === undefined) return EXIT.ok;
  stderr.write(`hubpulse: standard output cannot be written: ${failure.message}\n`);
  return EXIT.failed;
}

/** Resolves when the text is written, with the error when it could not be; a reader that went away is none. */
function write(stream: NodeJS.WritableStream, text: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    stream.write(text, (error) => {
      const isGone = error instanceof Error && 'code' in error && error.code === 'EPIPE';
      resolve(isGone ? undefined : (error ?? undefined));
    });
  });
}
