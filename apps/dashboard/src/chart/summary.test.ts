import { expect, test } from 'vitest';
import { chartSummary } from './summary.ts';

const lines = [
  { id: 'p50', label: 'P50', color: '--s3' },
  { id: 'p95', label: 'P95', color: '--s1' },
];
const words = {
  label: 'Response time',
  unit: 'milliseconds',
  language: 'en',
  texts: {
    noData: 'no data',
    lineSummary: ({ label, last, min, max }: Record<'label' | 'last' | 'min' | 'max', string>) =>
      `${label} last ${last}, lowest ${min}, highest ${max}`,
  },
} as const;

test('says the last, lowest and highest figure of each line with units', () => {
  const values = [
    [12, 10, null],
    [300, 1500, 981],
  ];
  expect(chartSummary({ values }, lines, words)).toBe(
    'Response time: P50 last 10.0 ms, lowest 10.0 ms, highest 12.0 ms; ' +
      'P95 last 981 ms, lowest 300 ms, highest 1.50 s',
  );
});

test('leaves out lines without a figure, and says so when there is none at all', () => {
  const some = chartSummary({ values: [[null], [5]] }, lines, words);
  expect(some).toBe('Response time: P95 last 5.00 ms, lowest 5.00 ms, highest 5.00 ms');
  expect(chartSummary({ values: [[null], []] }, lines, words)).toBe('Response time: no data');
});

test('punctuates Chinese as Chinese', () => {
  const texts = { ...words.texts, noData: '无数据' };
  const zh = { ...words, language: 'zh-CN', label: '响应时间', texts } as const;
  expect(chartSummary({ values: [] }, lines, zh)).toBe('响应时间：无数据');
  expect(chartSummary({ values: [[1], [2]] }, lines, zh)).toContain('；');
});
