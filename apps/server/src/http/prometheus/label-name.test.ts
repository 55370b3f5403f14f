import { describe, expect, test } from 'vitest';
import { labelNameOf } from './label-name.ts';

describe('labelNameOf', () => {
  test.each([
    ['job', 'job'],
    ['http.status', 'http.status'],
    ['U__http_2e_status', 'http.status'],
    ['U__a__b', 'a_b'],
    ['U___6771__4eac_', '東京'],
    ['U___1F600_', '😀'],
    // These were not made by the escaping.
    ['U__a_b', 'U__a_b'],
    ['U__a_d800_', 'U__a_d800_'],
    ['U__a_110000_', 'U__a_110000_'],
    ['U__a_', 'U__a_'],
  ])('%s is %s', (text, name) => {
    expect(labelNameOf(text)).toBe(name);
  });

  test.each(['', 'a\ud800', 'U__'])('%j is refused', (text) => {
    expect(() => labelNameOf(text)).toThrow('invalid label name');
  });
});
