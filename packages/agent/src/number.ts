/** A counter or a size: decimal digits, at most those of an unsigned 64-bit number. Anything else is `undefined`. */
export function tryParseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : undefined;
}

/** A figure such as a load average, `0.42`: digits with an optional fraction. Anything else is `undefined`. */
export function tryParseDecimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,20}(?:\.\d{1,20})?$/.test(text) ? Number(text) : undefined;
}

/** A piece of foreign text for a message: on one line, at most 60 characters. */
export function quote(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 60));
}
