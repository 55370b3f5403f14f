import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { WindowSnapshot } from '../live/live-window.ts';
import { MAX_TABLE_ROWS, Rows } from './chart-table.tsx';
import { Legend } from './legend.tsx';
import { Sparkline } from './sparkline.tsx';

const lines = [
  { id: 'a', label: 'Host <a>', color: '--s1' },
  { id: 'none', label: 'Other', color: '--s2' },
];

const snapshotOf = (length: number): WindowSnapshot => ({
  fromMs: 0,
  toMs: length * 60_000,
  stepMs: 60_000,
  tMs: Array.from({ length }, (_, i) => (i + 1) * 60_000),
  lines: new Map([
    [
      'a',
      {
        id: 'a',
        panel: 'signals',
        name: '',
        unit: 'percent',
        aggregate: 'mean',
        values: Array.from({ length }, (_, i) => (i === length - 1 ? null : i)),
      },
    ],
  ]),
});

const table = (length: number): string =>
  renderToStaticMarkup(
    <Rows
      snapshot={snapshotOf(length)}
      lines={lines}
      unit="percent"
      label="CPU"
      language="en"
      texts={{
        noData: '',
        lineSummary: () => '',
        crosshair: () => '',
        crosshairKeys: '',
        legendHint: '',
        time: 'Time',
        tableCaption: ({ chart, shown, total }) => `${chart}: ${shown} of ${total}`,
      }}
    />,
  );

const cells = (markup: string): string[] =>
  [...markup.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, text = '']) => text);

test('a table has a caption, a head for each line, and the newest step first', () => {
  const markup = table(3);
  expect(markup).toContain('>CPU: 3 of 3</caption>');
  expect(markup).toContain('>Time</th>');
  expect(markup).toContain('>Host &lt;a&gt;</th>');
  expect(cells(markup)).toEqual(['—', '—', '1.00%', '—', '0%', '—']);
});

test('a table shows the newest 200 steps', () => {
  const markup = table(500);
  expect(markup).toContain('CPU: 200 of 500');
  expect(cells(markup)).toHaveLength(2 * MAX_TABLE_ROWS);
  expect(cells(markup).at(-2)).toBe('300%');
});

test('a legend is a list of buttons that say which lines are shown', () => {
  const markup = renderToStaticMarkup(
    <Legend
      lines={lines}
      hidden={new Set(['none'])}
      onChange={() => undefined}
      hint="Click shows this alone"
      readout={() => () => undefined}
    />,
  );
  expect([...markup.matchAll(/aria-pressed="(\w+)"/g)].map(([, on]) => on)).toEqual([
    'true',
    'false',
  ]);
  expect(markup).toContain('title="Click shows this alone"');
});

test('a sparkline without a figure is a ghost, with figures a line with its last point', () => {
  const spark = (values: readonly (number | null)[]) =>
    renderToStaticMarkup(<Sparkline values={values} color="--s1" widthPx={86} heightPx={26} />);
  expect(spark([null])).toContain('opacity=".12"');
  expect(spark([null])).not.toContain('<circle');
  expect(spark([0, 10, 5])).toContain('<circle cx="83" cy="13"');
});
