import * as fc from 'fast-check';
import { type Label, METRIC_NAME } from '@hubpulse/model';
import { describe, expect, test } from 'vitest';
import { ExpositionError } from './exposition-error.ts';
import { type ExposedMetadata, ExpositionReader } from './exposition-reader.ts';
import type { ExpositionFormat } from './exposition-format.ts';
import { decodeSeries } from './series-text.ts';

interface Read {
  readonly samples: { labels: Record<string, string>; value: number; tMs?: number }[];
  readonly metadata: ExposedMetadata[];
  readonly exemplars: number;
}

function read(body: string | Uint8Array, format: ExpositionFormat = 'text'): Read {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const reader = new ExpositionReader(bytes, format);
  const samples: Read['samples'] = [];
  const metadata: ExposedMetadata[] = [];
  for (let entry = reader.next(); entry !== 'end'; entry = reader.next()) {
    if (entry === 'metadata') {
      metadata.push(reader.metadata());
      continue;
    }
    const { seriesStart, seriesEnd, value, tMs } = reader;
    const labels = Object.fromEntries(decodeSeries(reader.bytes, seriesStart, seriesEnd));
    samples.push(Number.isNaN(tMs) ? { labels, value } : { labels, value, tMs });
  }
  return { samples, metadata, exemplars: reader.exemplars };
}

const messageOf = (body: string | Uint8Array, format?: ExpositionFormat): string => {
  try {
    read(body, format);
  } catch (error) {
    if (error instanceof ExpositionError) return error.message;
    throw error;
  }
  return 'none';
};

const named = (name: string, labels: Record<string, string> = {}): Record<string, string> => ({
  [METRIC_NAME]: name,
  ...labels,
});

describe('the text format', () => {
  test('is read line by line, with labels, times and metadata', () => {
    const { samples, metadata } = read(`
# HELP http_requests_total Requests, \\\\ and \\n in it.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total { method = "post" , code="400", }\t3
# A comment, and one without a space:
#comment
up 1
  odd_spacing\t{a="b"}   1e3  \t
:colons:and_9 -Inf -5
empty{} NaN
msdos{path="C:\\\\DIR",quote="\\"x\\"",line="a\\nb",other="\\d",brace="}",empty=""} .5`);
    expect(metadata).toEqual([
      { kind: 'help', name: 'http_requests_total', text: 'Requests, \\ and \n in it.' },
      { kind: 'type', name: 'http_requests_total', text: 'counter' },
    ]);
    expect(samples).toEqual([
      {
        labels: named('http_requests_total', { method: 'post', code: '200' }),
        value: 1027,
        tMs: 1395066363000,
      },
      { labels: named('http_requests_total', { method: 'post', code: '400' }), value: 3 },
      { labels: named('up'), value: 1 },
      { labels: named('odd_spacing', { a: 'b' }), value: 1000 },
      { labels: named(':colons:and_9'), value: Number.NEGATIVE_INFINITY, tMs: -5 },
      { labels: named('empty'), value: Number.NaN },
      {
        labels: named('msdos', {
          path: 'C:\\DIR',
          quote: '"x"',
          line: 'a\nb',
          other: '\\d',
          brace: '}',
          empty: '',
        }),
        value: 0.5,
      },
    ]);
  });

  test('takes names in UTF-8 in quotes', () => {
    const { samples, metadata } = read(
      '# TYPE "http.server" counter\n{"http.server", "k.é"="湯", a="b"} 1\n{a="b", "x{}"} 2\n',
    );
    expect(metadata).toEqual([{ kind: 'type', name: 'http.server', text: 'counter' }]);
    expect(samples.map(({ labels }) => labels)).toEqual([
      named('http.server', { 'k.é': '湯', a: 'b' }),
      named('x{}', { a: 'b' }),
    ]);
  });

  test.each(['', '\n', '\n\n# x\n'])('%j holds nothing', (body) => {
    expect(read(body).samples).toEqual([]);
  });

  test.each([
    ['up', 'line 1: got the end; want a value'],
    ['a 1\nup\nb 2', 'line 2: got the end of the line; want a value'],
    ['\n\nup x', 'line 3: got "x"; want a value'],
    ['up 1 2 3', 'line 1: got "3"; want the end of the line'],
    ['up 1 1.5', 'line 1: got "1.5"; want whole Unix milliseconds'],
    ['up 1 99999999999999999', 'want whole Unix milliseconds'],
    ['up 1 soon', 'line 1: got "soon"; want a time'],
    ['up 1 # {a="b"} 1', 'line 1: got "# {a=\\"b\\"} 1"; want the end of the line'],
    ['up{a="b" 1', 'line 1: got "{a=\\"b\\" 1"; want labels that end with }'],
    ['up{a="b} 1\nx 2', 'line 1: got "\\"b} 1"; want a text that ends with "'],
    ['up{a="b\\', 'want a text that ends with "'],
    ['up{a=b} 1', 'line 1: got "b} 1"; want a text in quotes'],
    ['up{a} 1', 'line 1: got "} 1"; want ='],
    ['up{9="x"} 1', 'line 1: got "9=\\"x\\"} 1"; want a label name'],
    ['up{a="1"b="2"} 1', 'line 1: got "b=\\"2\\"} 1"; want a comma or }'],
    ['up{a="1",a="2"} 1', 'want each label once'],
    ['up{"other"} 1', 'want each label once'],
    ['{a="1"} 1', 'want a metric name'],
    ['{""} 1', 'want a metric name'],
    ['up{""="1"} 1', 'want a label with a name'],
    ['9up 1', 'line 1: got "9up 1"; want a metric name'],
    ['a-b 1', 'line 1: got "-b 1"; want {'],
    ['# TYPE up colour', 'line 1: got "colour"; want a type: counter,'],
    ['<html>\n', 'line 1: got the end of the line; want a value'],
    [Uint8Array.of(0x61, 0x7b, 0x62, 0x3d, 0x22, 0xff, 0x22, 0x7d, 0x20, 0x31), 'want UTF-8'],
    [`up ${'x'.repeat(1000)}`, `line 1: got "${'x'.repeat(80)}"…; want a value`],
  ])('%j is refused', (body, message) => {
    expect(messageOf(body)).toContain(message);
  });
});

describe('OpenMetrics', () => {
  test('is read to its end, with units, times in seconds and exemplars', () => {
    const { samples, metadata, exemplars } = read(
      `# TYPE foo_seconds counter
# UNIT foo_seconds seconds
# HELP foo_seconds "Quoted" \\" help.
foo_seconds_total{a="b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o}"} 0.67 1520879606.5
foo_seconds_created 1520430000.123
bucket_bucket{le="+Inf"} 2 # {} 9.8
# TYPE state stateset
state{state="on"} 1
# EOF
`,
      'openmetrics',
    );
    expect(metadata).toContainEqual({ kind: 'unit', name: 'foo_seconds', text: 'seconds' });
    expect(samples).toEqual([
      { labels: named('foo_seconds_total', { a: 'b' }), value: 17, tMs: 1520879607789 },
      { labels: named('foo_seconds_created'), value: 1520430000.123 },
      { labels: named('bucket_bucket', { le: '+Inf' }), value: 2 },
      { labels: named('state', { state: 'on' }), value: 1 },
    ]);
    expect(exemplars).toBe(2);
  });

  test('may end without a line feed', () => {
    expect(read('up 1\n# EOF', 'openmetrics').samples).toHaveLength(1);
  });

  test.each([
    ['up 1\n', 'line 2: got the end; want # EOF as the last line'],
    ['', 'line 1: got the end; want # EOF'],
    ['# EOF\nup 1\n', 'line 2: got "up 1"; want nothing after # EOF'],
    ['\n# EOF\n', 'line 1: got the end of the line; want a sample, # HELP,'],
    ['# a comment\n# EOF\n', 'want # HELP, # TYPE, # UNIT or # EOF'],
    ['up 1 # x\n# EOF\n', 'want the labels of an exemplar'],
    ['up 1 # {a="b"} x\n# EOF\n', 'want the value of an exemplar'],
    ['up 1 # {a="b"} 1 x\n# EOF\n', 'want the time of an exemplar'],
    ['up 1 1e20\n# EOF\n', 'want Unix seconds'],
  ])('%j is refused', (body, message) => {
    expect(messageOf(body, 'openmetrics')).toContain(message);
  });
});

interface Printed {
  readonly name: string;
  readonly labels: readonly Label[];
  readonly value: number;
  readonly tMs: number | undefined;
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const anyName = fc.oneof(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/), text).filter(Boolean);

const anySample: fc.Arbitrary<Printed> = fc.record({
  name: anyName,
  labels: fc
    .uniqueArray(fc.tuple(anyName, text), { selector: ([name]) => name, maxLength: 5 })
    .map((labels) => labels.filter(([name]) => name !== METRIC_NAME)),
  value: fc.double(),
  tMs: fc.option(fc.integer({ min: -8.64e12, max: 8.64e12 }), { nil: undefined }),
});

const escape = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const quoted = (value: string): string => `"${escape(value)}"`;
const isPlain = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
const numeral = (value: number): string =>
  Object.is(value, -0) ? '-0' : String(value).replace('Infinity', 'Inf');

function print({ name, labels, value, tMs }: Printed, format: ExpositionFormat): string {
  const pairs = labels.map(([key, item]) => `${isPlain(key) ? key : quoted(key)}=${quoted(item)}`);
  const series = isPlain(name)
    ? `${name}{${pairs.join(',')}}`
    : `{${[quoted(name), ...pairs].join(', ')}}`;
  const time = tMs === undefined ? '' : ` ${format === 'text' ? tMs : tMs / 1000}`;
  return `${series} ${numeral(value)}${time}\n`;
}

describe.each(['text', 'openmetrics'] as const)('any body in the format %s', (format) => {
  const bodyOf = (samples: readonly Printed[]): string =>
    samples.map((sample) => print(sample, format)).join('') +
    (format === 'openmetrics' ? '# EOF\n' : '');

  test('is read back as it was printed', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 10 }), (samples) => {
        const got = read(bodyOf(samples), format).samples;
        expect(got).toEqual(
          samples.map(({ name, labels, value, tMs }) => ({
            labels: Object.fromEntries([[METRIC_NAME, name], ...labels]),
            value,
            ...(tMs === undefined ? {} : { tMs }),
          })),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('is read or refused, whatever became of its bytes', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.constantFrom(...Buffer.from('{}",= \n\\#1a\xff', 'latin1')),
    );
    fc.assert(
      fc.property(
        fc.array(anySample, { minLength: 1, maxLength: 5 }),
        fc.array(change, { maxLength: 8 }),
        fc.nat(),
        (samples, changes, cut) => {
          const bytes = Buffer.from(bodyOf(samples));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const body = bytes.subarray(0, cut % (bytes.length + 1));
          expect(messageOf(body, format)).toMatch(/^(?:none|line \d+: got .+; want .+)$/s);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('random bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(typeof messageOf(bytes)).toBe('string');
    }),
  );
});
