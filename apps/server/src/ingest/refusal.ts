/** Why something that was sent is not taken. Each is a value of the label `reason` in `/metrics`. */
export type RefusalReason =
  /** The bytes are not what their content type says, or a field has the wrong form. */
  | 'malformed'
  /** A label set breaks the rules for labels. */
  | 'bad_labels'
  /** A label set is over a limit. */
  | 'label_limit'
  /** A new series would be one too many. */
  | 'series_limit'
  /** The same, among those of its sender. */
  | 'sender_series_limit'
  /** A sample is older than what is kept. */
  | 'too_old'
  /** A value to add up that is no newer than what was added before it. */
  | 'out_of_order'
  /** A sample lies too far in the future. */
  | 'too_new'
  /** The body is too large, or holds too many samples. */
  | 'too_large'
  /** Too much is under way; the same body may be taken later. */
  | 'overloaded'
  /** The store could not write; the same body may be taken later. */
  | 'store';

/**
 * A refusal on its way out of a decoder. Thrown inside of `ingest/` alone: what leaves it is a value.
 *
 * The message says `got …; want …` and the remedy; it may quote the sender, never at length.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** How much of a sender's text a message quotes, in characters. */
const QUOTED_CHARACTERS = 120;

/** A sender's text for a message: in quotes, on one line and cut. */
export function quote(text: string): string {
  const cut = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
  return JSON.stringify(cut);
}
