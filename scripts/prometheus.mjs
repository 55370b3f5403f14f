import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackage } from './debian.mjs';
import { cacheFolder } from './project.mjs';
import { say } from './step.mjs';

/** Where Debian's package is unpacked. */
const FOLDER = join(cacheFolder, 'debian-prometheus');

/** Where the program may be: installed by the user, or unpacked here. */
const PLACES = ['/usr/bin/prometheus', join(FOLDER, 'usr/bin/prometheus')];

/**
 * The Prometheus that tests talk to; `undefined` where there is none.
 *
 * @returns {string | undefined}
 */
export function findPrometheus() {
  return PLACES.find((path) => existsSync(path));
}

/** Unpacks Debian's Prometheus when there is none. Where that fails the tests that need it are skipped, and say so. */
export async function providePrometheus() {
  if (findPrometheus() !== undefined) return;
  mkdirSync(FOLDER, { recursive: true });
  const failure = await unpackPackage('prometheus', FOLDER);
  if (failure === undefined && findPrometheus() !== undefined) return;
  say(
    'prometheus',
    'none; tests against it are skipped. To have it: sudo apt-get install prometheus',
  );
}
