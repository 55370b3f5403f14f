import { existsSync } from 'node:fs';
import { installCommand, installPackages } from './debian.mjs';
import { Failure } from './failure.mjs';
import { say } from './step.mjs';

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
  const failure = await installPackages('browser', missing);
  if (failure === undefined && existsSync(CHROMIUM)) return;
  const command = installCommand(missing);
  if (existsSync(CHROMIUM)) {
    say('fonts', `the Chinese font is missing; install it with "sudo ${command}"`);
    return;
  }
  throw new Failure(
    `the end-to-end tests need Debian's Chromium: got ${failure ?? 'a Chromium that is elsewhere'}; ` +
      `want ${CHROMIUM}. Install it with "sudo apt-get update && sudo ${command}", ` +
      'or run only "npm run test:unit".',
  );
}
