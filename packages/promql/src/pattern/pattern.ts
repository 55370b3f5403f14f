import type { Matcher } from '@hubpulse/model';
import { PatternError } from './pattern-error.ts';
import { type TranslatedPattern, translatePattern } from './translation.ts';

/** A pattern as `label_replace` uses it: anchored at both ends, with its groups. */
export interface GroupPattern {
  /** The groups of a match, the whole at index 0; `undefined` when the text does not match. */
  match(text: string): readonly (string | undefined)[] | undefined;
  /** Groups by their names. */
  readonly names: ReadonlyMap<string, number>;
}

/**
 * Compiles an RE2 pattern to a test of whole texts.
 *
 * @throws PatternError for what RE2 refuses.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const regExp = anchor(translatePattern(pattern));
  return (text) => regExp.test(text);
}

/**
 * Compiles an RE2 pattern with its groups.
 *
 * @throws PatternError for what RE2 refuses.
 */
export function compileGroups(pattern: string): GroupPattern {
  const translated = translatePattern(pattern);
  const regExp = anchor(translated);
  return {
    match: (text) => regExp.exec(text) ?? undefined,
    names: translated.names,
  };
}

/** A matcher whose pattern, if it has one, is written as JavaScript's `RegExp` with the flags `su` takes it. */
export function translateMatcher(matcher: Matcher): Matcher {
  if (matcher.op === '=' || matcher.op === '!=') return matcher;
  return { ...matcher, value: translatePattern(matcher.value).source };
}

function anchor({ source }: TranslatedPattern): RegExp {
  try {
    return new RegExp(`^(?:${source})$`, 'su');
  } catch (error) {
    // Such as a script of Unicode that this engine does not know.
    throw new PatternError('invalid or unsupported expression', source, { cause: error });
  }
}
