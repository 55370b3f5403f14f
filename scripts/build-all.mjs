import { runScript } from './failure.mjs';
import { setUp } from './set-up.mjs';

/** `npm run build`: installs what is missing and builds what is stale. */
await runScript(() => setUp());
