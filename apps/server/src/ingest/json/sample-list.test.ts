import { beforeEach, describe, expect, test } from 'vitest';
import { bitsOf, IngestRig, NOW_MS, refusalOf } from '../ingest.test-rig.ts';

let rig: IngestRig;

const start = (options?: ConstructorParameters<typeof IngestRig>[0]): void => {
  rig = new IngestRig(options);
};

beforeEach(() => start());

describe('the JSON list', () => {
  test('stores samples, those without a time now', async () => {
    const outcome = await rig.sendJson([
      { metric: 'jobs_total', labels: { queue: 'mail' }, value: 12, timestamp: NOW_MS - 5 },
      { metric: 'jobs_total', labels: { queue: 'mail' }, value: 12.5 },
      { metric: 'limit', value: '+Inf', labels: {} },
      { metric: 'nothing', value: 'NaN' },
    ]);
    expect(outcome).toEqual({ samples: 4, refused: [], histograms: 0, exemplars: 0 });
    expect(await rig.stored()).toEqual({
      'jobs_total{queue="mail"}': [
        [NOW_MS - 5, bitsOf(12)],
        [NOW_MS, bitsOf(12.5)],
      ],
      limit: [[NOW_MS, bitsOf(Number.POSITIVE_INFINITY)]],
      nothing: [[NOW_MS, bitsOf(Number.NaN)]],
    });
  });

  test('takes an empty list', async () => {
    expect(await rig.sendJson([])).toEqual({
      samples: 0,
      refused: [],
      histograms: 0,
      exemplars: 0,
    });
  });

  const good = { metric: 'm', value: 1 };

  test.each([
    ['no JSON', 'malformed: got a body that is no JSON'],
    [{}, 'malformed: got an object; want a list of samples'],
    [null, 'malformed: got null; want a list'],
    [[good, 1], 'malformed: item 1: got 1; want an object'],
    [[good, null], 'malformed: item 1: got null; want an object'],
    [[good, [good]], 'malformed: item 1: got a list; want an object'],
    [
      [{ ...good, time: 1 }],
      'item 0: got the field "time"; want only metric, labels, value, timestamp',
    ],
    [[{ value: 1 }], 'bad_labels: item 0: got nothing as metric; want a name'],
    [[{ metric: '', value: 1 }], 'bad_labels: item 0: got "" as metric; want a name'],
    [[{ ...good, labels: [] }], 'item 0: got a list as labels; want an object of texts'],
    [[{ ...good, labels: 'x' }], 'item 0: got "x" as labels; want an object of texts'],
    [[{ ...good, labels: { a: 1 } }], 'item 0: got 1 as the label "a"; want a text'],
    [[{ ...good, labels: { '': 'x' } }], 'item 0: got a label with an empty name'],
    [[{ ...good, labels: { __name__: 'x' } }], 'item 0: got the label "__name__" twice'],
    [[{ ...good, labels: { a: '\ud800' } }], 'half a surrogate pair'],
    [
      [{ ...good, labels: { a: 'é'.repeat(51) } }],
      'label_limit: item 0: got a label name or value of 102 bytes',
    ],
    [[{ metric: 'm' }], 'malformed: item 0: got nothing as value'],
    [[{ metric: 'm', value: '1' }], 'malformed: item 0: got "1" as value; want a number, "NaN"'],
    ['[{"metric":"m","value":1e999}]', 'malformed: item 0: got Infinity as value'],
    [[{ ...good, timestamp: 1.5 }], 'item 0: got 1.5 as timestamp; want whole Unix milliseconds'],
    [[{ ...good, timestamp: '1' }], 'item 0: got "1" as timestamp'],
    [
      [good, { ...good, timestamp: NOW_MS / 1000 }],
      'too_old: item 1: got a sample of "m" at 1800000000 (1970-01-21',
    ],
    [[good, { ...good, timestamp: NOW_MS * 2 }], 'too_new: item 1'],
  ])('%j is refused', async (body, expected) => {
    expect(refusalOf(await rig.sendJson(body))).toContain(expected);
    expect(await rig.stored()).toEqual({});
  });

  test('refuses too many samples, too many labels and too many series', async () => {
    expect(refusalOf(await rig.sendJson(`[${'1,'.repeat(200_000)}1]`))).toContain('too_large');
    const labels = Object.fromEntries('abcdefgh'.split('').map((name) => [name, 'x']));
    expect(refusalOf(await rig.sendJson([{ ...good, labels }]))).toContain('label_limit: item 0');
    start({ limits: { maxSeries: 1 } });
    expect(refusalOf(await rig.sendJson([good, { ...good, metric: 'n' }]))).toContain(
      'series_limit',
    );
    expect(await rig.stored()).toEqual({});
  });

  test('a label called __proto__ is a label', async () => {
    await rig.sendJson('[{"metric":"m","value":1,"labels":{"__proto__":"x"}}]');
    expect(Object.keys(await rig.stored())).toEqual(['m{__proto__="x"}']);
  });

  test('counts what it refused, where that can be told', async () => {
    await rig.sendJson([good, { metric: 'm' }]);
    await rig.sendJson('no JSON');
    expect(rig.ingest.stats().refused).toEqual([
      { wire: 'json', reason: 'malformed', requests: 2, samples: 2 },
    ]);
  });
});
