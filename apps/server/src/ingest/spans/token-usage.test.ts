import { describe, expect, test } from 'vitest';
import { modalitiesOf, tokenUsageOf } from './token-usage.ts';

const usage = (attributes: Record<string, string | number>, provider = 'openai') =>
  tokenUsageOf(new Map(Object.entries(attributes)), provider);

describe('the tokens of a call', () => {
  test('hold those of the cache, as the conventions count', () => {
    const attributes = {
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cache_read.input_tokens': 60,
      'gen_ai.usage.cache_creation.input_tokens': 10,
    };
    expect(usage(attributes)).toEqual({ input: 100, cacheRead: 60, cacheWrite: 10 });
    expect(usage(attributes, 'anthropic').input).toBe(100);
  });

  test("get those of the cache added where Anthropic's own names are passed on", () => {
    const attributes = {
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cache_read_input_tokens': 60,
      'gen_ai.usage.cache_creation_input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
    };
    expect(usage(attributes, 'anthropic')).toEqual({
      input: 170,
      output: 5,
      cacheRead: 60,
      cacheWrite: 10,
    });
    expect(usage(attributes, 'aws.bedrock').input).toBe(170);
    expect(usage(attributes, 'openai').input).toBe(100);
    expect(usage({ ...attributes, 'llm.request.type': 'chat' }, 'anthropic').input).toBe(100);
  });

  test('get parts added that cannot be parts of them', () => {
    const cached = { 'gen_ai.usage.input_tokens': 9, 'gen_ai.usage.cache_read.input_tokens': 60 };
    expect(usage(cached).input).toBe(69);
    const reasoned = {
      'gen_ai.usage.output_tokens': 9,
      'gen_ai.usage.reasoning.output_tokens': 60,
    };
    expect(usage(reasoned)).toEqual({ output: 69, reasoning: 60 });
  });

  test('are left out where the sender does not say them, or says no count', () => {
    expect(usage({})).toEqual({});
    for (const value of [-1, Number.NaN, 1e10, 'many', '']) {
      expect(usage({ 'gen_ai.usage.input_tokens': value })).toEqual({});
    }
    expect(usage({ 'gen_ai.usage.input_tokens': 0 })).toEqual({ input: 0 });
    expect(usage({ 'gen_ai.usage.input_tokens': '17' })).toEqual({ input: 17 });
  });
});

describe('modalities', () => {
  const divided = (attributes: Record<string, number>, total: number) =>
    Object.fromEntries(modalitiesOf(new Map(Object.entries(attributes)), 'input', total));

  test.each([
    [{}, 10, { unknown: 10 }],
    [{}, 0, { unknown: 0 }],
    [{ 'gen_ai.usage.text.input_tokens': 10 }, 10, { text: 10 }],
    [
      { 'gen_ai.usage.text.input_tokens': 4, 'gen_ai.usage.image.input_tokens': 5 },
      10,
      { text: 4, image: 5, unknown: 1 },
    ],
    [{ 'gen_ai.usage.video.input_tokens': 4 }, 10, { unknown: 10 }],
    [{ 'gen_ai.usage.text.input_tokens': 11 }, 10, { unknown: 10 }],
  ])('%j of %d are %j', (attributes, total, expected) => {
    expect(divided(attributes, total)).toEqual(expected);
  });
});
