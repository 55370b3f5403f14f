/** What keeps Hubpulse from starting. The four parts become one line: `what: got …; want …. remedy`. */
export interface StartupFault {
  /** The setting or the act that failed, with its place: `HUBPULSE_PORT`, `/etc/hubpulse.yaml:3: port`. */
  readonly what: string;
  /** What was found; never a secret. `quote` makes a value of unknown origin fit to print. */
  readonly got: string;
  /** What would have been right. */
  readonly want: string;
  /** What to do about it, in full sentences. */
  readonly remedy: string;
}

/**
 * Ends start-up with exit code 2 and one line on stderr, without a stack trace: a bad setting, a busy port, a data
 * directory that cannot be used. Anything else that start-up throws is a defect and ends with exit code 1.
 */
export class StartupError extends Error implements StartupFault {
  override readonly name = 'StartupError';
  readonly what: string;
  readonly got: string;
  readonly want: string;
  readonly remedy: string;

  constructor(fault: StartupFault, options?: ErrorOptions) {
    super(
      printable(`${fault.what}: got ${fault.got}; want ${fault.want}. ${fault.remedy}`),
      options,
    );
    this.what = fault.what;
    this.got = fault.got;
    this.want = fault.want;
    this.remedy = fault.remedy;
  }
}

/** Long enough for a path or a URL that can still be recognised, short enough for a line on a terminal. */
const MAX_SHOWN_CHARACTERS = 80;

/**
 * A value as a message shows it: texts in quotes, the rest as JSON, nothing as `nothing`. At most 80 characters are
 * shown; the full length is named when it was cut.
 */
export function quote(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing';
  return typeof value === 'string' ? shorten(value, '"') : shorten(asJson(value));
}

/** The text, cut as `quote` cuts it, between two marks if one is given. */
export function shorten(text: string, mark = ''): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return mark + text + mark;
  // Half of a surrogate pair would not print.
  const head = text.slice(0, MAX_SHOWN_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
  return `${mark}${head}${mark}… (${text.length} characters)`;
}

/**
 * The text on one line, safe on a terminal: control and format characters (escape sequences, line ends, changes of
 * writing direction) become `\u{…}`.
 */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function asJson(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return JSON.stringify(value) ?? typeof value;
}
