import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackPackage } from './debian.mjs';
import { cacheFolder } from './project.mjs';
import { say } from './step.mjs';

/** Where Debian's packages are unpacked. */
const FOLDER = join(cacheFolder, 'debian');

/** The programs that tests and benchmarks talk to, with the package of Debian that holds each. */
const PACKAGES = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  'prometheus-node-exporter': 'prometheus-node-exporter',
};

/** @typedef {keyof typeof PACKAGES} Peer */

/**
 * Where a program is, installed by the user or unpacked here; `undefined` where there is none.
 *
 * @param {Peer} peer
 * @returns {string | undefined}
 */
export function findPeer(peer) {
  const places = [join('/usr/bin', peer), join(FOLDER, 'usr/bin', peer)];
  return places.find((path) => existsSync(path));
}

/** Unpacks Debian's packages of the programs that are missing. Where that fails the tests that need one are skipped, and say so. */
export async function providePeers() {
  const peers = /** @type {Peer[]} */ (Object.keys(PACKAGES));
  for (const peer of peers) {
    if (findPeer(peer) !== undefined) continue;
    mkdirSync(FOLDER, { recursive: true });
    const name = PACKAGES[peer];
    const failure = await unpackPackage(name, FOLDER);
    if (failure === undefined && findPeer(peer) !== undefined) continue;
    say(
      'peers',
      `no ${peer}; tests against it are skipped. To have it: sudo apt-get install ${name}`,
    );
  }
}
