import { describe, expect, test } from 'vitest';
import { fill, spaced, TEXTS, type TextKey } from './dictionary.ts';
import { languageOf, otherLanguage } from './language.ts';

const { 'zh-CN': zhCn, en } = TEXTS;
const keys = Object.keys(zhCn) as TextKey[];
const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

describe('the dictionaries', () => {
  test('hold the same keys', () => {
    expect(Object.keys(en).toSorted()).toEqual(keys.toSorted());
  });

  test.each(keys)('agree on the placeholders of %s', (key) => {
    expect(placeholders(en[key])).toEqual(placeholders(zhCn[key]));
  });

  test.each(keys)('leave no text empty or with stray spaces: %s', (key) => {
    for (const text of [en[key], zhCn[key]]) {
      expect(text.trim()).toBe(text);
      expect(text).not.toBe('');
    }
  });

  test('separate Chinese from Latin letters and digits by a space', () => {
    const glued = keys.filter(
      (key) =>
        key !== 'switchLanguage' &&
        /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/.test(zhCn[key]),
    );
    expect(glued).toEqual([]);
  });

  test('use full-width punctuation in Chinese sentences', () => {
    const halfWidth = keys.filter((key) => /[\u4e00-\u9fff]\s*[,;:!?()]/.test(zhCn[key]));
    expect(halfWidth).toEqual([]);
  });

  test('keep Chinese out of English, save for the name of the other language', () => {
    const chinese = keys.filter((key) => /[\u4e00-\u9fff]/.test(en[key]));
    expect(chinese).toEqual(['switchLanguage', 'languageChip']);
  });
});

describe('fill', () => {
  test('puts each value in its place', () => {
    expect(fill('{from} to {to}', { from: '14:00', to: 15 })).toBe('14:00 to 15');
  });

  test('leaves a placeholder that has no value', () => {
    expect(fill('at {time}', {})).toBe('at {time}');
  });
});

describe('spaced', () => {
  test.each([
    ['3分钟前', '3 分钟前'],
    ['11月22日', '11 月 22 日'],
    ['3 min ago', '3 min ago'],
    ['现在', '现在'],
  ])('makes %s into %s', (text, expected) => {
    expect(spaced(text)).toBe(expected);
  });
});

describe('languageOf', () => {
  test.each([
    ['zh', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['ZH-Hans-CN', 'zh-CN'],
    ['en-GB', 'en'],
    ['de', 'en'],
    ['zha', 'en'],
    ['', 'en'],
  ])('reads %s as %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });

  test('offers the other language', () => {
    expect([otherLanguage('en'), otherLanguage('zh-CN')]).toEqual(['zh-CN', 'en']);
  });
});
