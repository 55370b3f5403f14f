import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { storeWith } from '../store/memory/store-with.ts';
import { StoreError } from '../store/port.ts';
import { createRig, runOf, T_MS } from './rules.test-rig.ts';

const group = (rules: string, rest = ''): string =>
  `groups: [{ name: g, interval: 5s, ${rest} rules: [${rules}] }]`;

const up = (job: string) => ({ __name__: 'up', job });

describe('an evaluation', () => {
  test('records results with the name and the labels of the rule, at its time', async () => {
    const rig = createRig();
    await rig.write([
      [up('a'), [1000, 1]],
      [up('b'), [1000, 3]],
    ]);
    const run = runOf(
      rig,
      group(
        '{ record: x, expr: up, labels: { team: t, job: } }, { record: y, expr: 1 + 1 }',
      ).replace(', job: ', ''),
    );
    await run.evaluate(T_MS);
    expect(await rig.at(T_MS)).toEqual({
      'x{job="a",team="t"}': 1,
      'x{job="b",team="t"}': 3,
      y: 2,
    });
  });

  test('lets a rule see what the rules before it gave, and takes one batch', async () => {
    const rig = createRig();
    await rig.write([[up('a'), [0, 2]]]);
    const batches = rig.store.stats().appendedBatches;
    const run = runOf(
      rig,
      group(
        '{ record: x, expr: up * 2 }, { record: y, expr: x + 1 }, { record: x, expr: "{__name__=~\'y\'} * 10" }, { record: z, expr: x }',
      ),
    );
    await run.evaluate(T_MS);
    expect(await rig.at(T_MS)).toEqual({
      'up{job="a"}': 2,
      'x{job="a"}': 50,
      'y{job="a"}': 5,
      'z{job="a"}': 50,
    });
    expect(rig.store.stats().appendedBatches).toBe(batches + 1);
  });

  test('looks and records earlier by the query offset', async () => {
    const rig = createRig();
    await rig.write([[up('a'), [10_000, 1], [0, 2]]]);
    await runOf(rig, group('{ record: x, expr: up }', 'query_offset: 5s,')).evaluate(T_MS);
    expect(await rig.at(T_MS - 5000)).toEqual({ 'x{job="a"}': 1 });
    expect(await rig.at(T_MS, 'x')).toEqual({});
  });

  test('ends a series that has no value any more, and begins it again', async () => {
    const rig = createRig();
    await rig.write([[up('a'), [0, 1], [-5000, 0], [-10_000, 1]]]);
    const run = runOf(rig, group('{ record: x, expr: up > 0 }, { record: y, expr: x }'));
    await run.evaluate(T_MS);
    await run.evaluate(T_MS + 5000);
    expect(await rig.at(T_MS + 5000, 'x|y')).toEqual({
      'x{job="a"}': 'stale',
      'y{job="a"}': 'stale',
    });
    await run.evaluate(T_MS + 10_000);
    expect(await rig.at(T_MS + 10_000, 'x|y')).toEqual({ 'x{job="a"}': 1, 'y{job="a"}': 1 });
  });

  test('ends a series once, and not while another rule gives it', async () => {
    const rig = createRig();
    await rig.write([
      [{ __name__: 'a' }, [0, 1]],
      [{ __name__: 'b' }, [-5000, 2]],
    ]);
    const run = runOf(
      rig,
      group(
        '{ record: x, expr: a unless b }, { record: x, expr: b }, { record: y, expr: a unless b }',
      ),
    );
    await run.evaluate(T_MS);
    expect(await rig.at(T_MS, 'x|y')).toEqual({ x: 1, y: 1 });
    await run.evaluate(T_MS + 5000);
    expect(await rig.at(T_MS + 5000, 'x|y')).toEqual({ x: 2, y: 'stale' });
    await run.evaluate(T_MS + 10_000);
    expect(await rig.at(T_MS + 10_000, 'x|y')).toEqual({ x: 2 });
  });

  test('counts what was left out between two evaluations', async () => {
    const run = runOf(createRig(), group('{ record: x, expr: 1 }'));
    await run.evaluate(T_MS);
    await run.evaluate(T_MS + 5000);
    expect(run.status().missed).toBe(0);
    await run.evaluate(T_MS + 20_000);
    expect(run.status()).toMatchObject({ missed: 2, evaluations: 3, failures: 0 });
  });
});

describe('a rule that fails', () => {
  test.each([
    [
      'two results of the same labels',
      '{__name__=~"up|down"}',
      'vector contains metrics with the same labelset after applying rule labels',
    ],
    [
      'more series than the limit',
      'label_replace(up, "a", "b", "", "")',
      'exceeded limit of 1 with 2 series',
    ],
    ['a query without an answer', 'up + on () up', /many-to-many|multiple matches/],
    [
      'a label over the limit',
      'label_join(up{job="a"}, "long", "0123456789", "job"' + ', "job"'.repeat(40) + ')',
      /got a label name or value of 4\d\d bytes \("long"\); want at most 300/,
    ],
  ])('with %s says so and leaves the others alone', async (_, expr, want) => {
    const rig = createRig();
    await rig.write([
      [up('a'), [0, 1]],
      [up('b'), [0, 1]],
      [{ __name__: 'down', job: 'a' }, [0, 1]],
    ]);
    const quoted = JSON.stringify(expr);
    const text = `groups: [{ name: g, interval: 5s, limit: 1, rules: [{ record: x, expr: ${quoted} }, { record: y, expr: 7 }] }]`;
    const run = runOf(rig, text);
    await run.evaluate(T_MS);
    await run.evaluate(T_MS + 5000);
    const [bad, good] = run.status().rules;
    expect(bad).toMatchObject({ health: 'err', lastEvaluationMs: T_MS + 5000 });
    expect(bad?.lastError).toMatch(want);
    expect(good).toMatchObject({ health: 'ok', lastError: '' });
    expect(await rig.at(T_MS, 'x|y')).toEqual({ y: 7 });
    expect(run.status()).toMatchObject({ evaluations: 4, failures: 2 });
    expect(rig.lines.filter((line) => line.includes('A recording rule failed'))).toHaveLength(1);
  });

  test('works again when the reason is gone, and keeps its series until then', async () => {
    const rig = createRig();
    await rig.write([[up('a'), [0, 1]]]);
    await rig.write([[up('b'), [-5000, 2]]]);
    const run = runOf(rig, group('{ record: x, expr: up }', 'limit: 1,'));
    await run.evaluate(T_MS);
    await run.evaluate(T_MS + 5000);
    expect(await rig.at(T_MS + 5000, 'x')).toEqual({});
    await rig.write([[up('c'), [0, 5]]], T_MS + 400_000);
    await run.evaluate(T_MS + 400_000);
    expect(await rig.at(T_MS + 400_000, 'x')).toEqual({ 'x{job="a"}': 'stale', 'x{job="c"}': 5 });
    expect(run.status().rules[0]).toMatchObject({ health: 'ok', lastError: '' });
    expect(rig.lines.at(-1)).toContain('A recording rule works again.');
  });

  test('with more series than the store may hold names the limit', async () => {
    const rig = createRig({ maxSeries: 2 });
    await rig.write([
      [up('a'), [0, 1]],
      [up('b'), [0, 1]],
    ]);
    const run = runOf(rig, group('{ record: x, expr: up }'));
    await run.evaluate(T_MS);
    expect(run.status().rules[0]?.lastError).toContain('ingest_max_series');
  });

  test('because the store cannot read or write says why, and nothing is half written', async () => {
    const memory = createMemoryStore();
    let fault: 'append' | 'select' | undefined;
    const failing = async (): Promise<never> => {
      throw new StoreError('disk_full', 'no room');
    };
    const store = storeWith(memory, {
      append: (batch) => (fault === 'append' ? failing() : memory.append(batch)),
      select: (selection) => (fault === 'select' ? failing() : memory.select(selection)),
    });
    const rig = createRig({ store });
    await rig.write([[up('a'), [0, 1]]]);
    const run = runOf(rig, group('{ record: x, expr: up }, { record: y, expr: up }'));
    for (const [i, one] of (['append', 'select'] as const).entries()) {
      fault = one;
      await run.evaluate(T_MS + i * 5000);
      expect(run.status().rules.map(({ lastError }) => lastError)).toEqual(['no room', 'no room']);
    }
    fault = undefined;
    expect(await rig.at(T_MS, 'x|y')).toEqual({});
    await run.evaluate(T_MS + 10_000);
    expect(await rig.at(T_MS + 10_000, 'x|y')).toEqual({ 'x{job="a"}': 1, 'y{job="a"}': 1 });
    expect(run.status().failures).toBe(4);
  });

  test('by taking too long is ended', async () => {
    const memory = createMemoryStore();
    const rig = createRig({
      store: storeWith(memory, { select: () => new Promise(() => undefined) }),
    });
    const run = runOf(rig, group('{ record: x, expr: up }, { record: y, expr: 2 }'));
    const done = run.evaluate(T_MS);
    rig.clock.advance(10_000);
    await done;
    expect(run.status().rules.map(({ health, lastError }) => [health, lastError])).toEqual([
      ['err', 'query timed out in expression evaluation'],
      ['ok', ''],
    ]);
  });
});

describe('a run that is stopped', () => {
  test('ends the evaluation under way and writes nothing of it', async () => {
    const memory = createMemoryStore();
    const rig = createRig({
      store: storeWith(memory, { select: () => new Promise(() => undefined) }),
    });
    const run = runOf(rig, group('{ record: y, expr: 2 }, { record: x, expr: up }'));
    const done = run.evaluate(T_MS);
    run.stop();
    await done;
    expect(memory.stats().appendedSamples).toBe(0);
    expect(run.status().failures).toBe(0);
    expect(rig.lines).toEqual([]);
  });
});

describe('a run in the place of another', () => {
  test('goes on with the series of rules that stay, and ends those of rules that went', async () => {
    const rig = createRig();
    await rig.write([[up('a'), [0, 1]]]);
    const first = runOf(rig, group('{ record: x, expr: up }, { record: y, expr: up }'));
    await first.evaluate(T_MS);
    const text = group('{ record: x, expr: "up{job=\'b\'}" }, { record: z, expr: up }');
    const second = runOf(rig, text, first);
    await second.evaluate(T_MS + 5000);
    expect(await rig.at(T_MS + 5000, 'x|y|z')).toEqual({
      'x{job="a"}': 'stale',
      'y{job="a"}': 'stale',
      'z{job="a"}': 1,
    });
    expect(second.status()).toMatchObject({ evaluations: 4, missed: 0 });
    await second.evaluate(T_MS + 10_000);
    expect(await rig.at(T_MS + 10_000, 'x|y|z')).toEqual({ 'z{job="a"}': 1 });
  });

  test('and a run without one ends everything', async () => {
    const rig = createRig();
    await rig.write([[up('a'), [0, 1]]]);
    const run = runOf(rig, group('{ record: x, expr: up }'));
    await run.evaluate(T_MS);
    await run.retire(T_MS + 1000);
    expect(await rig.at(T_MS + 1000)).toEqual({ 'x{job="a"}': 'stale' });
  });
});

test('results that are not a number are recorded as they are', async () => {
  const rig = createRig();
  await rig.write([[up('a'), [0, Number.NaN]]]);
  const run = runOf(rig, group('{ record: x, expr: up }, { record: y, expr: 1 / 0 }'));
  await run.evaluate(T_MS);
  expect(await rig.at(T_MS, 'x|y')).toEqual({ 'x{job="a"}': Number.NaN, y: Infinity });
});
