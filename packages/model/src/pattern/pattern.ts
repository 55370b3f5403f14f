import { anchoredRegExp } from '../anchored-reg-exp.ts';
import type { Matcher } from '../matcher.ts';
import { PatternError } from './pattern-error.ts';
import { type TranslatedPattern, translatePattern } from './translation.ts';

/** A pattern as `label_replace` and relabelling use it: anchored at both ends, with its groups. */
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
  const regExpFor = anchor(translatePattern(pattern));
  return (text) => regExpFor(text).test(text);
}

/**
 * Compiles an RE2 pattern with its groups.
 *
 * @throws PatternError for what RE2 refuses.
 */
export function compileGroups(pattern: string): GroupPattern {
  const translated = translatePattern(pattern);
  const regExpFor = anchor(translated);
  return {
    match: (text) => regExpFor(text).exec(text) ?? undefined,
    names: translated.names,
  };
}

/** A matcher whose pattern, if it has one, is written as JavaScript's `RegExp` with the flags `su` takes it. */
export function translateMatcher(matcher: Matcher): Matcher {
  if (matcher.op === '=' || matcher.op === '!=') return matcher;
  return { ...matcher, value: translatePattern(matcher.value).source };
}

function anchor({ source }: TranslatedPattern): (text: string) => RegExp {
  try {
    return anchoredRegExp(source);
  } catch (error) {
    // Such as a script of Unicode that this engine does not know.
    throw new PatternError('invalid or unsupported expression', source, { cause: error });
  }
}
