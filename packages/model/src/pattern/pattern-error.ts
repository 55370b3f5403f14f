/** A pattern that RE2 refuses; worded as Go does. */
export class PatternError extends Error {
  override readonly name = 'PatternError';

  constructor(what: string, part: string, options?: ErrorOptions) {
    super(`error parsing regexp: ${what}: \`${part}\``, options);
  }
}
