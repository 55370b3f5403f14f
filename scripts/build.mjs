import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { binFolder, pinnedNode, root } from './project.mjs';
import { digestOf, isStamped, writeStamp } from './stamp.mjs';
import { runStep } from './step.mjs';

/** Inputs that every build shares: a change of tools or settings makes all of them stale. */
const SHARED_INPUTS = ['package-lock.json', 'tsconfig.base.json', 'packages'];

/**
 * @typedef {object} Target
 * @property {string} label
 * @property {readonly string[]} inputs
 * @property {string} output What must exist for the build to count; relative to the root.
 * @property {(fromScratch: boolean) => Parameters<typeof runStep>[0]} step
 */

/** @type {readonly Target[]} */
const TARGETS = [
  {
    label: 'server',
    inputs: [...SHARED_INPUTS, 'tsconfig.build.json', 'apps/server'],
    output: 'apps/server/dist/main.js',
    step: (fromScratch) => ({
      label: 'server',
      doing: 'compiling the packages and the server',
      command: pinnedNode,
      args: [
        join(binFolder, 'tsc'),
        '--build',
        'tsconfig.build.json',
        ...(fromScratch ? ['--force'] : []),
      ],
    }),
  },
  {
    label: 'dashboard',
    inputs: [...SHARED_INPUTS, 'apps/dashboard'],
    output: 'apps/dashboard/dist/index.html',
    step: () => ({
      label: 'dashboard',
      doing: 'bundling the dashboard',
      command: pinnedNode,
      args: [join(binFolder, 'vite'), 'build'],
      folder: join(root, 'apps/dashboard'),
    }),
  },
];

/** Whether everything that is built is newer than what it was built from. */
export function isBuilt() {
  return TARGETS.every((target) => isFresh(target, digestOf(target.inputs)));
}

/**
 * Builds what is stale, both at once.
 *
 * @throws {Failure} with what the compiler said.
 */
export async function build() {
  const builds = await Promise.allSettled(TARGETS.map((target) => buildTarget(target)));
  const failures = builds.flatMap((result) =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  const bug = failures.find((failure) => !(failure instanceof Failure));
  if (bug !== undefined) throw bug;
  if (failures.length > 0) throw new Failure(failures.map(({ message }) => message).join('\n'));
}

/** @param {Target} target */
async function buildTarget(target) {
  const digest = digestOf(target.inputs);
  if (isFresh(target, digest)) return;
  const fromScratch = !existsSync(join(root, target.output));
  const { code, output } = await runStep(target.step(fromScratch));
  if (code !== 0) throw new Failure(`the ${target.label} does not build:\n${output}`);
  writeStamp(target.label, digest);
}

/**
 * @param {Target} target
 * @param {string} digest
 */
function isFresh(target, digest) {
  return isStamped(target.label, digest) && existsSync(join(root, target.output));
}
