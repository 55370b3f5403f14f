import { join, resolve } from 'node:path';
import { runScript } from './failure.mjs';
import { pinnedNode, root } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runVisibly } from './step.mjs';

/**
 * `npm run promqltest -- FILE…`: runs scripts of Prometheus' own test language against the query engine, from its sources.
 */
await runScript(async () => {
  await setUp({ built: false });
  // npm runs scripts in the root; names of files are meant from where the user is.
  const from = process.env['INIT_CWD'] ?? process.cwd();
  const files = process.argv.slice(2).map((file) => resolve(from, file));
  const program = join(root, 'packages/promql/scripts/promqltest.ts');
  return runVisibly(pinnedNode, ['--conditions=@hubpulse/source', program, ...files]);
});
