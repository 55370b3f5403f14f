/** Slots of the memory: the names and values that repeat among the series of one sender are fewer. */
const SLOTS = 2 ** 14;

/** Longer texts are rarely met again. */
const MAX_BYTES = 64;

/** Multiplier and start of the hash FNV-1a (32 bits). */
const FNV_PRIME = 0x01000193;
const FNV_START = 0x811c9dc5;

/**
 * Turns the bytes of label names and values into strings, and remembers short ones: most series differ in one or two labels,
 * so most of their strings exist already, and many series share one copy.
 *
 * A text has one slot by its hash; another one with the same slot takes its place, which costs a decoding and nothing else.
 */
export class LabelTexts {
  readonly #slots: string[] = Array.from({ length: SLOTS }, () => '');
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** The text from `start` to before `end`. @throws TypeError for bytes that are no UTF-8 */
  decode(bytes: Uint8Array, start: number, end: number): string {
    const slot = end - start > MAX_BYTES ? -1 : slotOf(bytes, start, end);
    if (slot < 0) return this.#utf8.decode(bytes.subarray(start, end));
    const known = this.#slots[slot] as string;
    if (isText(known, bytes.subarray(start, end))) return known;
    const text = this.#utf8.decode(bytes.subarray(start, end));
    this.#slots[slot] = text;
    return text;
  }
}

/** The slot of a text in ASCII; -1 for others, whose bytes are not their characters. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_START;
  let all = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    all |= byte;
    hash = Math.imul(hash ^ byte, FNV_PRIME);
  }
  return all > 0x7f ? -1 : (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function isText(text: string, bytes: Uint8Array): boolean {
  if (text.length !== bytes.length) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[i]) return false;
  return true;
}
