import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { checkNode } from './versions.mjs';

/**
 * Brings the checkout into a state in which everything runs: the packages of the lock file, among them the pinned Node,
 * and with `{ built: true }` the builds. Costs a few tens of milliseconds when nothing has changed.
 *
 * @param {{ built?: boolean }} [options]
 */
export async function setUp({ built = true } = {}) {
  checkNode();
  if (isInstalled() && (!built || isBuilt())) return;
  await withLock(async () => {
    await install();
    if (built) await build();
  });
}
