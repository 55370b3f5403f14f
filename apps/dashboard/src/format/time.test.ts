import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTimeAxisFormat, createTimeFormat, formatAge, formatWindow } from './time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const tMs = Date.UTC(2026, 9, 3, 6, 5, 9);
const zone = { timeZone: 'Asia/Shanghai' };

test.each([
  ['seconds up to an hour', HOUR_MS, '14:05:09', '14:05:09'],
  ['minutes up to a day', HOUR_MS + 1, '14:05', '14:05'],
  ['minutes on a whole day', DAY_MS, '14:05', '14:05'],
  ['the date beyond a day', DAY_MS + 1, 'Oct 3, 14:05', '10月3日 14:05'],
])('prints %s', (_, spanMs, en, zh) => {
  expect(createTimeFormat(spanMs, { language: 'en', ...zone })(tMs)).toBe(en);
  expect(createTimeFormat(spanMs, { language: 'zh-CN', ...zone })(tMs)).toBe(zh);
});

test('instants less than a minute apart have their seconds', () => {
  const print = createTimeFormat(6 * HOUR_MS, { language: 'en', stepMs: 30_000, ...zone });
  expect(print(tMs)).toBe('14:05:09');
});

test.each([
  ['of today by its times', 0, HOUR_MS, /^13:05:09 – 14:05:09$/, /^13:05:09\s?[–-]\s?14:05:09$/],
  ['of hours without seconds', 0, 2 * HOUR_MS, /^12:05 – 14:05$/, /^12:05\s?[–-]\s?14:05$/],
  [
    'of another day with its date',
    DAY_MS,
    HOUR_MS,
    /^Oct 2, 13:05:09 – 14:05:09$/,
    /^10.2.? 13:05/,
  ],
  ['across midnight with both dates', 0, DAY_MS, /^Oct 2, 14:05 – Oct 3, 14:05$/, /10.2.* 10.3/],
  ['of another year with the year', 400 * DAY_MS, HOUR_MS, /^Aug 29, 2025, 13:05/, /^2025.8.29/],
])('prints a window %s', (_, agoMs, lengthMs, en, zh) => {
  const window = { fromMs: tMs - agoMs - lengthMs, toMs: tMs - agoMs };
  expect(plain(formatWindow(window, { language: 'en', nowMs: tMs, ...zone }))).toMatch(en);
  expect(plain(formatWindow(window, { language: 'zh-CN', nowMs: tMs, ...zone }))).toMatch(zh);
});

/** Without the narrow spaces that some versions of the Unicode data put around a dash. */
function plain(text: string): string {
  return text.replaceAll(/\s/g, ' ');
}

test('midnight is 00:00, not 24:00', () => {
  const midnightMs = Date.UTC(2026, 9, 3, 16);
  expect(createTimeFormat(DAY_MS, { language: 'en', ...zone })(midnightMs)).toBe('00:00');
});

test('without a zone times are the viewer’s', () => {
  const local = new Date(tMs);
  const expected = [local.getHours(), local.getMinutes()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  expect(createTimeFormat(DAY_MS, { language: 'en' })(tMs)).toBe(expected);
});

test('what is no instant is a dash', () => {
  const print = createTimeFormat(DAY_MS, { language: 'en' });
  const printTick = createTimeAxisFormat({ language: 'en' });
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 9e15, -9e15]) {
    expect(print(value)).toBe('—');
    expect(printTick(value, 60_000)).toBe('—');
  }
});

test('every instant has a text of one form', () => {
  const print = createTimeFormat(HOUR_MS, { language: 'zh-CN' });
  fc.assert(
    fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (instant) => {
      expect(print(instant)).toMatch(/^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);
    }),
  );
});

test.each([
  ['seconds between full minutes', tMs, 15_000, '14:05:09'],
  ['minutes', tMs, 300_000, '14:05'],
  ['the date where a day begins', Date.UTC(2026, 9, 3, 16), HOUR_MS, 'Oct 4'],
  ['dates when a tick is a day', tMs, DAY_MS, 'Oct 3'],
])('a time axis shows %s', (_, instant, stepMs, text) => {
  expect(createTimeAxisFormat({ language: 'en', ...zone })(instant, stepMs)).toBe(text);
});

test.each([
  [0, 'now', '现在'],
  [-5000, 'now', '现在'],
  [59_999, '59 sec ago', '59 秒前'],
  [60_000, '1 min ago', '1 分钟前'],
  [3 * 60_000 + 59_000, '3 min ago', '3 分钟前'],
  [2 * HOUR_MS, '2 hr ago', '2 小时前'],
  [26 * HOUR_MS, '26 hr ago', '26 小时前'],
  [3 * DAY_MS, '3 days ago', '3 天前'],
])('an age of %d ms reads %s', (ageMs, en, zh) => {
  expect(formatAge(ageMs, 'en')).toBe(en);
  expect(formatAge(ageMs, 'zh-CN')).toBe(zh);
});

test('an age that is no number is a dash', () => {
  expect(formatAge(Number.NaN, 'en')).toBe('—');
  expect(formatAge(Number.POSITIVE_INFINITY, 'zh-CN')).toBe('—');
});
