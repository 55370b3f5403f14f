import { join } from 'node:path';
import { runScript } from './failure.mjs';
import { binFolder, pinnedNode } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runVisibly } from './step.mjs';

/** `npm run format`: writes every file as the formatter wants it. */
await runScript(async () => {
  await setUp({ built: false });
  return runVisibly(pinnedNode, [join(binFolder, 'oxfmt'), ...process.argv.slice(2)]);
});
