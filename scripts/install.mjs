import { existsSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { pathWithoutProject, pinnedNode, readJson, root } from './project.mjs';
import { digestOf, isStamped, writeStamp } from './stamp.mjs';
import { runStep } from './step.mjs';
import { findNpm } from './versions.mjs';

const STAMP = 'packages';

/** Whether what is installed is what the lock file names. */
export function isInstalled() {
  return existsSync(pinnedNode) && isStamped(STAMP, lockDigest());
}

/**
 * Installs exactly what the lock file names, with npm's own `npm ci`. Does nothing when that has been done: by an
 * earlier run, or by npm itself.
 *
 * @throws {Failure} with the reason, as far as npm tells it.
 */
export async function install() {
  if (isInstalled()) return;
  if (!isInstalledByNpm()) await runNpmCi();
  writeStamp(STAMP, lockDigest());
}

/**
 * npm writes `node_modules/.package-lock.json` when an installation has succeeded; it names what was installed.
 *
 * @param {Packages} [wanted]
 * @param {Packages} [present]
 */
export function isInstalledByNpm(
  wanted = readJson('package-lock.json')?.packages,
  present = readJson('node_modules/.package-lock.json')?.packages,
) {
  if (wanted === undefined || present === undefined || !existsSync(pinnedNode)) return false;
  return Object.entries(wanted)
    .filter(([path, { optional, link }]) => path.includes('node_modules/') && !optional && !link)
    .every(([path, { integrity }]) => present[path]?.integrity === integrity);
}

/** @typedef {Record<string, { integrity?: string, optional?: boolean, link?: boolean }>} Packages */

async function runNpmCi() {
  const npm = findNpm();
  const flags = ['--no-audit', '--no-fund', '--loglevel=http', '--fetch-retry-mintimeout=2000'];
  const { code, output } = await runStep({
    label: 'packages',
    doing: 'installing what package-lock.json names (a minute or two the first time)',
    command: npm.command,
    args: [...npm.args, 'ci', ...flags],
    env: { ...process.env, PATH: pathWithoutProject() },
    progress: (text, seconds) => describeProgress(fetchedPackages(text), seconds),
    done: (text) => /added \d+ packages/.exec(text)?.[0] ?? 'installed',
  });
  if (code !== 0) throw new Failure(explainNpm(output));
  if (existsSync(pinnedNode)) return;
  throw new Failure(
    `npm did not install the pinned Node: got no ${pinnedNode}; want it from the package "node". ` +
      'npm may have been told to skip install scripts: run "npm rebuild node --ignore-scripts=false".',
  );
}

/**
 * @param {number} fetched Packages so far.
 * @param {number} seconds
 */
function describeProgress(fetched, seconds) {
  const isSilent = fetched === 0 && seconds > SILENT_SECONDS;
  return isSilent ? 'no package fetched yet (is there a network?)' : `${fetched} packages fetched`;
}

/** A slow mirror has answered by then. */
const SILENT_SECONDS = 15;

/** @param {string} output */
function fetchedPackages(output) {
  return (output.match(/^npm http (fetch GET 200|cache) \S+\.tgz/gm) ?? []).length;
}

/** What to do about npm's error codes, by code. */
const REMEDIES = /** @type {const} */ ({
  network:
    'Check the network, the proxy (HTTPS_PROXY) and the registry ("npm config get registry").',
  rights: `Make ${root} writable for this user, or clone the repository to a folder of your own.`,
  lock: 'package.json and package-lock.json differ: run "npm install" and commit both.',
  room: 'Free some disk space: the packages take about 700 MB.',
});

/** @type {Record<string, string>} */
const REMEDY_BY_CODE = {
  ENOTFOUND: REMEDIES.network,
  EAI_AGAIN: REMEDIES.network,
  ECONNREFUSED: REMEDIES.network,
  ECONNRESET: REMEDIES.network,
  ENETUNREACH: REMEDIES.network,
  ETIMEDOUT: REMEDIES.network,
  ERR_SOCKET_TIMEOUT: REMEDIES.network,
  EACCES: REMEDIES.rights,
  EPERM: REMEDIES.rights,
  EROFS: REMEDIES.rights,
  EUSAGE: REMEDIES.lock,
  ENOSPC: REMEDIES.room,
};

/**
 * The message for a failed `npm ci`, from what npm printed.
 *
 * @param {string} output
 * @returns {string}
 */
export function explainNpm(output) {
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1] ?? 'an error without a code';
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!) (?! )/.test(line));
  const said = lines.slice(0, MAX_NPM_LINES).map((line) => `\n  ${line}`);
  const remedy = REMEDY_BY_CODE[code] ?? 'What npm said stands below.';
  return `npm could not install the packages: got ${code}; want a complete "npm ci". ${remedy}${said.join('')}`;
}

/** npm repeats itself and then points to its log; the first lines hold the reason. */
const MAX_NPM_LINES = 12;

function lockDigest() {
  return digestOf(['package-lock.json']);
}
