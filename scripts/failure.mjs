/** A failure that the user can act upon. It is printed as it stands, without a stack. */
export class Failure extends Error {}

/**
 * Runs a script's body. A `Failure` becomes one message on stderr and exit code 1; anything else is a bug and keeps its
 * stack.
 *
 * @param {() => Promise<number | void>} body Gives the exit code; nothing means 0.
 */
export async function runScript(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`hubpulse: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/**
 * The code of a system error, such as `EACCES`; a few words for anything else.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function errorCodeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
}
