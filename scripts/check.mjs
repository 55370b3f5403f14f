import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScript } from './failure.mjs';
import { binFolder, cacheFolder, checkResultsFile, pinnedNode } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runStep } from './step.mjs';

/** @type {ReadonlyArray<{ label: string, doing: string, command: readonly string[] }>} */
const STEPS = [
  { label: 'format', doing: 'oxfmt', command: ['oxfmt', '--check'] },
  { label: 'lint', doing: 'oxlint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { label: 'types', doing: 'tsc', command: ['tsc', '--project', 'tsconfig.json'] },
  {
    label: 'types (web)',
    doing: 'tsc',
    command: ['tsc', '--project', 'apps/dashboard', '--noEmit'],
  },
  { label: 'unit tests', doing: 'vitest', command: ['vitest', 'run', '--project', 'unit'] },
  { label: 'unused code', doing: 'knip', command: ['knip', '--no-progress'] },
];

/** `npm run check`: runs every step, whatever the others say, and fails when one does. */
await runScript(async () => {
  rmSync(checkResultsFile, { force: true });
  await setUp({ built: false });
  /** @type {Record<string, boolean>} */
  const results = {};
  for (const step of STEPS) results[step.label] = await runCheck(step);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(checkResultsFile, `${JSON.stringify(results, undefined, 2)}\n`);
  return Object.values(results).every(Boolean) ? 0 : 1;
});

/**
 * @param {typeof STEPS[number]} step
 * @returns {Promise<boolean>} Whether it found nothing.
 */
async function runCheck({ label, doing, command: [program = '', ...args] }) {
  const { code, output } = await runStep({
    label,
    doing,
    command: pinnedNode,
    args: [join(binFolder, program), ...args],
    done: () => 'ok',
  });
  if (code !== 0) process.stdout.write(`${output}\n`);
  return code === 0;
}
