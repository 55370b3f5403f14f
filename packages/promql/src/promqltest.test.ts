import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Outcome, runScript } from '../scripts/promqltest/runner.ts';

const own = fileURLToPath(new URL('../testdata/', import.meta.url));
const besideRepository = fileURLToPath(
  new URL('../../../../shared/data/promqltest/', import.meta.url),
);
const upstream = process.env['PROMQLTEST_DIR'] ?? besideRepository;

function scriptsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test')) : [];
}

function failuresOf(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .filter(({ result }) => result === 'failed')
    .map(({ line, query, reason }) => `line ${line}: ${query}: ${reason}`);
}

describe.each([true, false])(
  'our own scripts, delayed removal of names %s',
  (delayedNameRemoval) => {
    test.each(scriptsIn(own))('%s passes, with nothing skipped', async (name) => {
      const script = readFileSync(join(own, name), 'utf8');
      const outcomes = await runScript(script, { delayedNameRemoval });
      expect(failuresOf(outcomes)).toEqual([]);
      expect(outcomes.filter(({ result }) => result === 'skipped')).toEqual([]);
      expect(outcomes.length).toBeGreaterThan(0);
    });
  },
);

/** What the scripts' README allows to skip. */
const ALLOWED = /native histogram|experimental|start timestamps/;

const scripts = scriptsIn(upstream);

describe.skipIf(scripts.length === 0)(
  `Prometheus' own scripts (skipped without ${upstream})`,
  () => {
    test.each(scripts)('%s passes', async (name) => {
      const outcomes = await runScript(readFileSync(join(upstream, name), 'utf8'));
      expect(failuresOf(outcomes)).toEqual([]);
      const skipped = outcomes.filter(({ result }) => result === 'skipped');
      expect(skipped.filter(({ reason = '' }) => !ALLOWED.test(reason))).toEqual([]);
    });
  },
);

describe('the runner', () => {
  const outcomeOf = async (text: string): Promise<Outcome | undefined> =>
    (await runScript(text))[0];

  test.each([
    ['a wrong value', 'load 1m\n  x 1 2\n\neval instant at 1m x\n  x 3', 'got x 2; want 3'],
    ['a series too many', 'load 1m\n  x 1\n\neval instant at 0 x', 'got x 1; want no such series'],
    ['a missing series', 'eval instant at 0 x\n  x 1', 'got no x; want it'],
    [
      'a wrong order',
      'load 1m\n  x{a="1"} 1\n  x{a="2"} 2\n\neval instant at 0 sort(x)\n  expect ordered\n  x{a="2"} 2\n  x{a="1"} 1',
      'got x{a="1"} at place 0; want 1',
    ],
    [
      'a wrong step',
      'load 1m\n  x 1 2\n\neval range from 0 to 1m step 1m x\n  x 1 _',
      'x at step 1: got 2; want omitted',
    ],
    ['a missing error', 'eval instant at 0 1\n  expect fail\n  1', 'got a result; want an error'],
    [
      'another error',
      'eval instant at 0 1 +\n  expect fail msg: nope',
      'got error 1:4: parse error: unexpected end of input',
    ],
    [
      'a missing warning',
      'eval instant at 0 1\n  expect warn\n  1',
      'got warnings []; want what the script says',
    ],
    [
      'an unwanted info',
      'load 1m\n  x 1 2 3\n\neval instant at 2m rate(x[5m])\n  expect no_info\n  {} 0.01',
      'want no info',
    ],
    ['a wrong scalar', 'eval instant at 0 1\n  2', 'got scalar 1; want 2'],
    ['a wrong string', 'eval instant at 0 "a"\n  expect string "b"', 'got string a; want b'],
  ])('fails on %s', async (_, script, want) => {
    expect(await outcomeOf(script)).toMatchObject({
      result: 'failed',
      reason: expect.stringContaining(want),
    });
  });

  test.each([
    [
      'native histograms',
      'load 1m\n  x {{schema:0 count:1}}x3\n\neval instant at 0 sum(x)',
      'reads native histograms',
    ],
    [
      'experimental functions',
      'eval instant at 0 step()\n  0',
      'step() is an experimental function',
    ],
  ])('skips %s and says so', async (_, script, reason) => {
    expect(await outcomeOf(script)).toMatchObject({ result: 'skipped', reason });
  });

  test.each([
    ['nonsense', 'line 1: got nonsense; want load, clear or eval'],
    ['load soon\n  x 1', 'line 1: duration: got soon; want such as 1m30s'],
    ['\nload 1m\n  x 1y', 'line 2: point: got 1y; want 1, 1x2, 1+2x3, _ or stale'],
  ])('refuses %j', async (script, want) => {
    await expect(runScript(script)).rejects.toThrow(want);
  });
});
