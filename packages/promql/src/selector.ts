import { type Matcher, translateMatcher } from '@hubpulse/model';
import { PromqlError } from './errors.ts';
import { parse } from './syntax/parse.ts';

/**
 * The matchers of a series selector, such as `up{job=~"api.*"}`, with patterns translated from RE2 to JavaScript as a
 * `SeriesSource` gets them.
 *
 * @throws PromqlError `bad_data` for what is no PromQL, or another expression than a selector without `offset` and `@`.
 */
export function parseSelector(text: string): Matcher[] {
  const expr = parse(text);
  const isPlain = expr.kind === 'selector' && expr.offsetMs === 0 && expr.at === undefined;
  if (!isPlain)
    throw new PromqlError(
      'bad_data',
      `got ${JSON.stringify(text.slice(0, 80))}; want a series selector`,
    );
  return expr.matchers.map(translateMatcher);
}
