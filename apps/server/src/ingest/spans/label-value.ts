import { attributeText, type Attributes } from '../otlp/attribute.ts';
import { OTHER } from './family.ts';

/** The longest label value that spans make, in characters; what is longer is no name of anything. */
const MAX_VALUE_CHARACTERS = 200;

/**
 * The first of several attributes that a span has, as a label value: empty where it has none, `_OTHER` for what is too
 * long or no Unicode.
 */
export function textOf(attributes: Attributes, ...names: readonly string[]): string {
  for (const name of names) {
    const text = attributeText(attributes.get(name));
    if (text !== '') return boundedText(text);
  }
  return '';
}

function boundedText(text: string): string {
  return text.length <= MAX_VALUE_CHARACTERS && text.isWellFormed() ? text : OTHER;
}

/** The first of several attributes that is a number of 0 or more, also one that was sent as a text. */
export function numberOf(attributes: Attributes, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const text = attributeText(attributes.get(name));
    const number = Number(text);
    if (text !== '' && Number.isFinite(number) && number >= 0) return number;
  }
  return undefined;
}

/** `value` where it is among those that are known, else `_OTHER`; nothing stays nothing. */
export function knownOr(value: string, known: ReadonlySet<string>): string {
  return value === '' || known.has(value) ? value : OTHER;
}
