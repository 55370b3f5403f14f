/** What a program exposes is not in the format that it claims. The message begins with the line: `line 3: got …; want …`. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
}

/** How much of a line a message shows, in bytes. */
const SHOWN_BYTES = 80;

/** The fault at a place; the line's number is counted only now. */
export function faultAt(
  bytes: Buffer,
  at: number,
  fault: { readonly got?: string; readonly want: string },
): ExpositionError {
  return new ExpositionError(
    `line ${lineOf(bytes, at)}: got ${fault.got ?? shown(bytes, at)}; want ${fault.want}`,
  );
}

/** What stands from a place to the end of its line, in quotes and cut. */
function shown(bytes: Buffer, at: number): string {
  if (at >= bytes.length) return 'the end';
  const lineEnd = bytes.indexOf(0x0a, at);
  const end = lineEnd < 0 ? bytes.length : lineEnd;
  if (end === at) return 'the end of the line';
  const text = bytes.toString('utf8', at, Math.min(end, at + SHOWN_BYTES));
  return `${JSON.stringify(text)}${end - at > SHOWN_BYTES ? '…' : ''}`;
}

function lineOf(bytes: Buffer, at: number): number {
  let line = 1;
  for (let i = bytes.indexOf(0x0a); i >= 0 && i < at; i = bytes.indexOf(0x0a, i + 1)) line++;
  return line;
}
