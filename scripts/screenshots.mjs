import { join } from 'node:path';
import { provideChromium } from './chromium.mjs';
import { runScript } from './failure.mjs';
import { pinnedNode, root } from './project.mjs';
import { setUp } from './set-up.mjs';
import { runVisibly } from './step.mjs';

/** `npm run screenshots`: takes the pictures in `docs/images/` anew, from a server that measured for five minutes. */
await runScript(async () => {
  await setUp();
  await provideChromium();
  return runVisibly(pinnedNode, [join(root, 'scripts/overview-pictures.ts')]);
});
