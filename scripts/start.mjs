import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { runScript } from './failure.mjs';
import { pinnedNode, root } from './project.mjs';
import { setUp } from './set-up.mjs';
import { exitCodeOf } from './step.mjs';

/**
 * `npm start`: sets up what is missing, then becomes the server. The arguments are the server's.
 */
await runScript(async () => {
  await setUp();
  const args = [join(root, 'apps/server/dist/main.js'), ...process.argv.slice(2)];
  return becomeNode(args);
});

/**
 * Turns this process into the pinned Node, so that signals reach the server itself and nothing stays in between. Where
 * the host's Node cannot (older than 22.15; the first start, before the pinned one is there), this process stays
 * as a parent that passes signals on and ends as its child does.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>} The child's exit code.
 */
function becomeNode(args) {
  if (typeof process.execve === 'function') {
    process.execve(pinnedNode, [pinnedNode, ...args], process.env);
  }
  const child = spawn(pinnedNode, args, { stdio: 'inherit' });
  const forwarded = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(code ?? exitCodeOf(signal ?? 'SIGTERM'));
    });
  });
}
