import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCodeOf, Failure } from './failure.mjs';
import { cacheFolder } from './project.mjs';
import { say } from './step.mjs';

/** The longest that one set-up waits for another: a first installation over a slow line. */
const PATIENCE_MS = 15 * 60_000;

const POLL_MS = 200;

/**
 * Runs `body` while no other process of this checkout does: `npm start` and `npm test` in two terminals must not install
 * at the same time. A lock whose owner has died is taken over.
 *
 * @template T
 * @param {() => Promise<T>} body
 * @param {string} [file]
 * @returns {Promise<T>}
 */
export async function withLock(body, file = join(cacheFolder, 'set-up.lock')) {
  await acquire(file);
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await body();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} file */
async function acquire(file) {
  const deadlineMs = performance.now() + PATIENCE_MS;
  let said = false;
  while (!tryLock(file)) {
    const owner = ownerOf(file);
    if (owner !== undefined && !isAlive(owner)) rmSync(file, { force: true });
    else {
      if (!said) say('set-up', `waiting for the set-up that process ${owner ?? 'unknown'} runs`);
      said = true;
      if (performance.now() > deadlineMs) throw new Failure(patienceIsOver(file, owner));
      await wait(POLL_MS);
    }
  }
}

/** @param {string} file */
function tryLock(file) {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw unwritable(file, error);
  }
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') return false;
    throw unwritable(file, error);
  }
}

/**
 * @param {string} file
 * @param {unknown} error
 */
function unwritable(file, error) {
  return new Failure(
    `cannot write into this checkout (${file}): got ${errorCodeOf(error)}; want a folder that this user may write to. ` +
      'Clone the repository to a folder of your own, or make this one writable.',
    { cause: error },
  );
}

/** @param {string} file */
function ownerOf(file) {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}

/**
 * @param {string} file
 * @param {number | undefined} owner
 */
function patienceIsOver(file, owner) {
  return (
    `another set-up is still running after ${PATIENCE_MS / 60_000} minutes: got process ${owner ?? 'unknown'}; ` +
    `want it to end. Stop it, or remove ${file} if it is none of ours.`
  );
}
