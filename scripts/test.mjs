import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { provideChromium } from './chromium.mjs';
import { describeCounts, totalOf } from './counts.mjs';
import { runScript } from './failure.mjs';
import { providePeers } from './peers.mjs';
import { binFolder, pinnedNode, readJson, root, testResultsFile } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runVisibly } from './step.mjs';

/**
 * `npm test`: sets up what is missing, the browser included, and runs every test. Arguments go to vitest:
 * `npm test -- --project e2e`. With `--unit` first it runs the quick part, which needs neither browser nor build.
 */
await runScript(async () => {
  const [first, ...rest] = process.argv.slice(2);
  const unit = first === '--unit';
  rmSync(testResultsFile, { force: true });
  await setUp({ built: !unit });
  if (!unit) {
    await provideChromium();
    await providePeers();
  }
  return runVitest(unit ? ['--project', 'unit', ...rest] : process.argv.slice(2));
});

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} The exit code.
 */
async function runVitest(args) {
  const counts = join(root, 'scripts/counts-reporter.mjs');
  const vitest = [join(binFolder, 'vitest'), 'run', '--reporter=default', `--reporter=${counts}`];
  return report(await runVisibly(pinnedNode, [...vitest, ...args]));
}

/**
 * Prints a line for each project and one for all.
 *
 * @param {number} code vitest's own exit code.
 */
function report(code) {
  const results = readJson(testResultsFile);
  for (const [project, counts] of Object.entries(results?.projects ?? {})) {
    console.log(`${project.padEnd(10)} ${describeCounts(counts)}`);
  }
  const total = totalOf(results);
  console.log(`${'all tests'.padEnd(10)} ${describeCounts(total)}`);
  return total.failed > 0 ? 1 : code;
}
