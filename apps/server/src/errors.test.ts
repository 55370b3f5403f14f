import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_CODES } from './errors.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

test('the table of docs/errors.md is that of the code', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \| (yes|no) \| .+ \|$/gm)];
  const documented = Object.fromEntries(
    rows.map(([, code, status, retry]) => [
      code,
      { status: Number(status), retryable: retry === 'yes' },
    ]),
  );
  expect(documented).toEqual(ERROR_CODES);
});
