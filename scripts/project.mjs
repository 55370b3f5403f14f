import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where things stand in this repository. Everything in `scripts/` that runs before the packages are installed is plain
 * JavaScript without dependencies, for Node 20 and newer.
 */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The folder of the programs that `npm ci` installs. */
export const binFolder = join(root, 'node_modules/.bin');

/** The Node that the project pins; `npm ci` puts it there. */
export const pinnedNode = join(root, 'node_modules/node/bin/node');

/** Stamps of what was installed and built. `npm ci` clears them together with the packages. */
export const stampFolder = join(root, 'node_modules/.cache/hubpulse');

/** Results of test runs and the lock of the set-up. Git ignores it. */
export const cacheFolder = join(root, '.cache');

/** Counts of the last `npm test`, by project. */
export const testResultsFile = join(cacheFolder, 'test-results.json');

/** Outcome of each step of the last `npm run check`. */
export const checkResultsFile = join(cacheFolder, 'check-results.json');

/**
 * Reads a JSON file of this repository; `undefined` where it is missing or is no JSON.
 *
 * @param {string} path Relative to the root, or absolute.
 * @returns {any}
 */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path.startsWith('/') ? path : join(root, path), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The environment in which the project's programs run: its own first on the PATH, so that `node` is the pinned one.
 *
 * @returns {NodeJS.ProcessEnv}
 */
export function projectEnvironment() {
  return {
    // What Node compiled once it need not compile again; each worker thread of a store would.
    NODE_COMPILE_CACHE: join(cacheFolder, 'node-compile'),
    ...process.env,
    PATH: [binFolder, pathWithoutProject()].join(':'),
  };
}

/**
 * The PATH as the host has it. npm puts `node_modules/.bin` first, but `npm ci` removes that folder while it runs.
 *
 * @returns {string}
 */
export function pathWithoutProject() {
  return (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
    .join(':');
}
