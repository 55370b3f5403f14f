import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { pathWithoutProject } from './project.mjs';

/** The oldest Node on which the set-up is tested; the server itself runs on the pinned one. */
const OLDEST_NODE = 20;

/** The oldest npm that reads this repository's lock file and workspaces as intended. */
const OLDEST_NPM = 10;

/**
 * Refuses a Node that is too old for the set-up.
 *
 * @param {string} [version]
 */
export function checkNode(version = process.versions.node) {
  if (majorOf(version) >= OLDEST_NODE) return;
  throw new Failure(
    `this Node is too old: got ${version}; want ${OLDEST_NODE} or newer. ` +
      'Get one from https://nodejs.org/en/download, then run the command again.',
  );
}

/**
 * The npm that installs packages, with the arguments that come first. It is the npm that runs this script where there is
 * one, on the host's Node: the project's own Node is among the packages that are replaced.
 *
 * @returns {{ command: string, args: string[] }}
 * @throws {Failure} when there is no npm, or an old one.
 */
export function findNpm() {
  const npm = npmOfThisRun() ?? { command: 'npm', args: [] };
  const { stdout } = spawnSync(npm.command, [...npm.args, '--version'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: pathWithoutProject() },
  });
  checkNpm(stdout?.trim() ?? '');
  return npm;
}

/**
 * Refuses an npm that is missing or too old.
 *
 * @param {string} version Empty when there is none.
 */
export function checkNpm(version) {
  if (majorOf(version) >= OLDEST_NPM) return;
  throw new Failure(
    `npm is ${version ? 'too old' : 'missing'}: got ${version || 'none on the PATH'}; want ${OLDEST_NPM} or newer. ` +
      `Install it with "npm install --global npm@${OLDEST_NPM}", then run the command again.`,
  );
}

function npmOfThisRun() {
  const { npm_execpath: program, npm_node_execpath: node } = process.env;
  if (!program?.endsWith('npm-cli.js') || !existsSync(program)) return undefined;
  return node && existsSync(node) ? { command: node, args: [program] } : undefined;
}

/** @param {string} version */
function majorOf(version) {
  return Number.parseInt(version, 10) || 0;
}
