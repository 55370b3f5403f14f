import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { provideChromium } from './chromium.mjs';
import { Failure, runScript } from './failure.mjs';
import { pinnedNode, root } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runVisibly } from './step.mjs';

/** `npm run bench -- NAME [flags]`: runs one benchmark, on the built server and from the sources of the packages. */
await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const benchmarks = findBenchmarks();
  const file = benchmarks.get(name);
  if (file === undefined) {
    throw new Failure(
      `got ${name || 'no benchmark'}; want one of ${[...benchmarks.keys()].join(', ')}`,
    );
  }
  await setUp();
  await provideChromium();
  return runVisibly(pinnedNode, ['--conditions=@hubpulse/source', file, ...args]);
});

/**
 * The benchmarks by name: those of the whole in `bench/`, and those of a package as `agent/collect`.
 *
 * @returns {Map<string, string>}
 */
function findBenchmarks() {
  /** @type {Map<string, string>} */
  const found = new Map();
  const folders = readdirSync(join(root, 'packages')).map((name) => [
    `${name}/`,
    `packages/${name}/bench`,
  ]);
  for (const [prefix = '', folder = ''] of [['', 'bench'], ...folders]) {
    if (!existsSync(join(root, folder))) continue;
    for (const file of readdirSync(join(root, folder))) {
      // What benchmarks share is no benchmark.
      if (/\.[mt][st]$/.test(file) && file !== 'machine.ts') {
        found.set(`${prefix}${file.replace(/(?:\.bench)?\.\w+$/, '')}`, join(root, folder, file));
      }
    }
  }
  return found;
}
