/** A text that stands for itself in a JavaScript pattern with the flag `u`. */
export function escapeLiteral(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** A character that stands for itself inside of `[…]`. */
export function escapeForClass(character: string): string {
  return /[\\^\-[\]]/.test(character) ? `\\${character}` : character;
}

/** A character in all its cases, itself first. */
export function caseVariants(character: string): string[] {
  const variants = [character, character.toLowerCase(), character.toUpperCase()];
  // Some characters become two, such as the German sharp s; RE2 does not fold those either.
  return [...new Set(variants.filter((variant) => Array.from(variant).length === 1))];
}
