import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { runStep } from './step.mjs';

/**
 * How to run apt-get: as it stands for root, through sudo where that asks for no password; `undefined` where neither
 * goes.
 *
 * @returns {string[] | undefined}
 */
function rightsToInstall() {
  if (!hasApt()) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '--non-interactive'];
  return spawnSync('sudo', ['--non-interactive', 'true']).status === 0 ? sudo : undefined;
}

const hasApt = () => existsSync('/usr/bin/apt-get');

/**
 * The command that installs packages of Debian, without `sudo`.
 *
 * @param {readonly string[]} packages
 */
export function installCommand(packages) {
  return `apt-get install --yes --no-install-recommends ${packages.join(' ')}`;
}

/**
 * Installs packages of Debian when this user may.
 *
 * @param {string} label What they are, one word.
 * @param {readonly string[]} packages
 * @returns {Promise<string | undefined>} What went wrong.
 */
export async function installPackages(label, packages) {
  const asRoot = rightsToInstall();
  if (asRoot === undefined) return 'no rights to install it';
  for (const command of ['apt-get update', installCommand(packages)]) {
    const failure = await run(label, [...asRoot, ...NOT_ASKING, ...command.split(' ')]);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/**
 * Unpacks a package of Debian into a folder. Nothing is installed: no script of the package runs and no service starts.
 *
 * @param {string} name
 * @param {string} folder Where it goes; must exist.
 * @returns {Promise<string | undefined>} What went wrong.
 */
export async function unpackPackage(name, folder) {
  if (!hasApt()) return 'no apt-get to download it with';
  const download = ['apt-get', 'download', name];
  let failure = await run(name, download, folder);
  const asRoot = failure === undefined ? undefined : rightsToInstall();
  if (asRoot !== undefined) {
    // Without lists of packages there is nothing to download.
    failure =
      (await run(name, [...asRoot, ...NOT_ASKING, 'apt-get', 'update'])) ??
      (await run(name, download, folder));
  }
  return (
    failure ?? run(name, ['sh', '-c', `dpkg-deb -x ${name}_*.deb . && rm ${name}_*.deb`], folder)
  );
}

const NOT_ASKING = ['env', 'DEBIAN_FRONTEND=noninteractive'];

/**
 * @param {string} label
 * @param {readonly string[]} command
 * @param {string} [folder]
 * @returns {Promise<string | undefined>} What went wrong.
 */
async function run(label, command, folder) {
  const [program = '', ...args] = command;
  const doing = command.join(' ');
  const { code, output } = await runStep({
    label,
    doing,
    command: program,
    args,
    ...(folder === undefined ? {} : { folder }),
  });
  return code === 0 ? undefined : `a failed "${doing}":\n${output}\n`;
}
