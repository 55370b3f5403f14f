import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { projectEnvironment, root } from './project.mjs';

/** How often a long step says that it is alive. */
const HEARTBEAT_MS = 5000;

/** The most output that is kept of a step, in characters; the end of a log is what explains a failure. */
const MAX_OUTPUT = 200_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/**
 * @typedef {object} Step
 * @property {string} label What the step is about, one or two words.
 * @property {string} doing What it is doing, said when it begins.
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} [folder] Where it runs; the root of the repository by default.
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(output: string, seconds: number) => string} [progress] A few words for the heartbeat.
 * @property {(output: string) => string} [done] What to say at the end; `done` by default.
 */

/**
 * @typedef {object} StepResult
 * @property {number} code The exit code; 127 when the program could not be started.
 * @property {string} output Standard output and standard error, in the order in which they came.
 * @property {number} seconds
 */

/**
 * Runs one program and says so on stderr: when it begins, every few seconds while it runs, and when it has ended.
 * The program gets no standard input. Its output is kept and not shown: it matters when the step fails.
 *
 * @param {Step} step
 * @returns {Promise<StepResult>}
 */
export async function runStep(step) {
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1000;
  let output = '';
  say(step.label, `${step.doing} ...`);
  const heartbeat = setInterval(() => {
    const words = step.progress?.(output, seconds());
    say(step.label, `${Math.round(seconds())} s${words ? `, ${words}` : ''}`);
  }, HEARTBEAT_MS);
  const code = await runCaptured(step, (chunk) => {
    output = (output + chunk).slice(-MAX_OUTPUT);
  });
  clearInterval(heartbeat);
  const outcome = code === 0 ? (step.done?.(output) ?? 'done') : `FAILED (exit code ${code})`;
  say(step.label, `${outcome}, ${seconds().toFixed(1)} s`);
  return { code, output, seconds: seconds() };
}

/**
 * Prints one line of progress to stderr: standard output belongs to the program that is started.
 *
 * @param {string} label
 * @param {string} words
 */
export function say(label, words) {
  process.stderr.write(`  ${label.padEnd(12)} ${words}\n`);
}

/**
 * @param {Step} step
 * @param {(chunk: string) => void} onOutput
 * @returns {Promise<number>}
 */
function runCaptured(step, onOutput) {
  const child = spawn(step.command, step.args, {
    cwd: step.folder ?? root,
    env: step.env ?? projectEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.setEncoding('utf8').on('data', onOutput);
  child.stderr.setEncoding('utf8').on('data', onOutput);
  return exitOf(child, (error) => onOutput(`${step.command}: ${error.message}\n`));
}

/**
 * Runs one of the project's programs in sight of the user, with this process's output and no input.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>} The exit code; 127 when the program could not be started.
 */
export function runVisibly(command, args) {
  const child = spawn(command, args, {
    cwd: root,
    env: projectEnvironment(),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return exitOf(child, (error) => say('failed', error.message));
}

/**
 * Waits for a child. While it runs, SIGINT and SIGTERM end it first and then this process, so that a stopped set-up
 * leaves nothing behind.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {(error: Error) => void} onError
 * @returns {Promise<number>} The exit code; 128 + the signal's number when a signal ended it.
 */
function exitOf(child, onError) {
  if (running.size === 0) for (const signal of STOPS) process.on(signal, stop);
  running.add(child);
  return new Promise((resolve) => {
    /** @param {number} code */
    const ended = (code) => {
      running.delete(child);
      if (running.size === 0) for (const signal of STOPS) process.off(signal, stop);
      resolve(code);
    };
    child.once('error', (error) => {
      onError(error);
      ended(127);
    });
    child.once('close', (code, signal) => ended(code ?? exitCodeOf(signal ?? 'SIGTERM')));
  });
}

/** @type {readonly NodeJS.Signals[]} */
const STOPS = ['SIGINT', 'SIGTERM'];

/** How long a child may take to stop before it is killed. */
const STOP_MS = 3000;

/**
 * Stops the children, then this process. npm repeats the signal that a terminal sent already: it is handled once.
 *
 * @param {NodeJS.Signals} signal
 */
function stop(signal) {
  if (stopping) return;
  stopping = true;
  process.stderr.write(`hubpulse: stopping (${signal})\n`);
  const exit = () => process.exit(exitCodeOf(signal));
  let left = running.size;
  for (const child of running) {
    child.once('close', () => {
      left -= 1;
      if (left === 0) exit();
    });
    child.kill('SIGTERM');
  }
  setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
    exit();
  }, STOP_MS);
}

let stopping = false;

/** @param {NodeJS.Signals} signal */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}
