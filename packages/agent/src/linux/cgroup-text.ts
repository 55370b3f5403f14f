import { tryReadText, type HostFiles } from '../host-files.ts';
import { quote, tryParseCount } from '../number.ts';

/** Reads the kernel's small cgroup files. `undefined` means that the file is missing; text it cannot read is an error. */
export interface CgroupText {
  /** The words of a one-line file. */
  words(path: string): Promise<readonly string[] | undefined>;
  /** The number in a one-line file. */
  count(path: string): Promise<number | undefined>;
  /** The numbers of a file with a key and a number on each line. */
  table(path: string): Promise<ReadonlyMap<string, number> | undefined>;
}

/** Makes a reader over files. */
export function createCgroupText(files: HostFiles): CgroupText {
  const words = async (path: string): Promise<readonly string[] | undefined> =>
    (await tryReadText(files, path))?.trim().split(/\s+/);
  return {
    words,
    async count(path) {
      const found = await words(path);
      return found === undefined ? undefined : parseCount(path, found[0]);
    },
    async table(path) {
      const text = await tryReadText(files, path);
      return text === undefined ? undefined : parseTable(text);
    },
  };
}

/** A number, or an error that names the file. */
export function parseCount(path: string, text: string | undefined): number {
  const count = tryParseCount(text);
  if (count === undefined) throw new Error(`${path}: got ${quote(text)}; want a number`);
  return count;
}

/** Keys that we do not know may hold anything, so a line that is no pair is passed over. */
function parseTable(text: string): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    const count = tryParseCount(line.slice(space + 1));
    if (space > 0 && count !== undefined) table.set(line.slice(0, space), count);
  }
  return table;
}
