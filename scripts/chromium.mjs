import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { runStep, say } from './step.mjs';

/** Debian's browser, which the end-to-end tests drive. */
const CHROMIUM = '/usr/bin/chromium';

/** A font of Debian's `fonts-noto-cjk`: without it the Chinese pages show boxes. */
const CHINESE_FONT = '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc';

/**
 * Installs Debian's packages for the end-to-end tests when they are missing and this user may.
 *
 * @throws {Failure} with the command to type, when there is no browser and this user may not install it.
 */
export async function provideChromium() {
  const missing = [
    ...(existsSync(CHROMIUM) ? [] : ['chromium']),
    ...(existsSync(CHINESE_FONT) ? [] : ['fonts-noto-cjk']),
  ];
  if (missing.length === 0) return;
  const command = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  const asRoot = rightsToInstall();
  const failure = asRoot ? await aptInstall(asRoot, command.split(' ')) : 'no rights to install it';
  if (failure === undefined) return;
  if (existsSync(CHROMIUM)) {
    say('fonts', `the Chinese font is missing; install it with "sudo ${command}"`);
    return;
  }
  throw new Failure(
    `the end-to-end tests need Debian's Chromium: got ${failure}; want ${CHROMIUM}. ` +
      `Install it with "sudo apt-get update && sudo ${command}", or run only "npm run test:unit".`,
  );
}

/**
 * How to run apt-get: as it stands for root, through sudo where that asks for no password; `undefined` where neither
 * goes.
 *
 * @returns {string[] | undefined}
 */
function rightsToInstall() {
  if (!existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '--non-interactive'];
  return spawnSync('sudo', ['--non-interactive', 'true']).status === 0 ? sudo : undefined;
}

/**
 * @param {string[]} asRoot
 * @param {string[]} command
 * @returns {Promise<string | undefined>} What went wrong.
 */
async function aptInstall(asRoot, command) {
  for (const args of [['apt-get', 'update'], command]) {
    const [program = '', ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', ...args];
    const { code, output } = await runStep({
      label: 'browser',
      doing: args.join(' '),
      command: program,
      args: rest,
    });
    if (code !== 0) return `a failed "${args.join(' ')}":\n${output}\n`;
  }
  return existsSync(CHROMIUM) ? undefined : 'a Chromium that is elsewhere';
}
