import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The largest rule file. Parsing takes about a second for each half megabyte on a slow machine, during which all else waits. */
const MAX_FILE_BYTES = 512 * 1024;

/** More files than a team has; each is looked at every few seconds. */
const MAX_FILES = 100;

/** What the patterns name at present. */
export interface FoundFiles {
  /** Absolute paths in order, each once. */
  readonly paths: readonly string[];
  /** Patterns that cannot be followed, with the reason: `path: got …; want …`. */
  readonly faults: readonly string[];
}

/**
 * The files that patterns name. The last segment of a pattern may have `*` and `?`, and then names what there is; a path
 * without them must exist.
 *
 * @param patterns Absolute paths.
 */
export async function findRuleFiles(patterns: readonly string[]): Promise<FoundFiles> {
  const found = await Promise.all(patterns.map((pattern) => filesOf(pattern)));
  const paths = [...new Set(found.flatMap((one) => one.paths))].toSorted();
  const faults = found.flatMap((one) => one.faults);
  if (paths.length > MAX_FILES) {
    faults.push(`rule_files: got ${paths.length} files; want at most ${MAX_FILES}; join some`);
  }
  return { paths: paths.slice(0, MAX_FILES), faults };
}

async function filesOf(pattern: string): Promise<FoundFiles> {
  const name = basename(pattern);
  const isPattern = /[*?]/.test(name);
  try {
    if (!isPattern) {
      await stat(pattern);
      return { paths: [pattern], faults: [] };
    }
    const folder = dirname(pattern);
    const matches = compileGlob(name);
    const names = await readdir(folder);
    return {
      paths: names.filter((one) => matches.test(one)).map((one) => join(folder, one)),
      faults: [],
    };
  } catch (error) {
    const want = isPattern ? 'a readable folder' : 'a readable file';
    return { paths: [], faults: [`${pattern}: got ${reasonOf(error)}; want ${want}`] };
  }
}

/** Hidden files are matched only by a pattern that begins with a point, as in a shell. */
function compileGlob(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    // Several stars mean what one means, and would backtrack.
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${glob.startsWith('.') ? '' : String.raw`(?!\.)`}${source}$`, 's');
}

/** Equal for as long as nobody changes the file; `undefined` when it is gone. */
export async function signatureOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch (error) {
    const reason = reasonOf(error);
    return reason === NO_FILE ? undefined : reason;
  }
}

/**
 * The text of a rule file.
 *
 * @throws Error `got …; want …` for what is no readable file of at most 512 KiB in UTF-8.
 */
export async function readRuleFile(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const found: Stats = await stat(path);
    // Opening a pipe without a writer would wait for ever.
    if (!found.isFile()) throw new Error(found.isDirectory() ? 'a directory' : 'a pipe or device');
    if (found.size > MAX_FILE_BYTES) throw new Error(`${found.size} bytes`);
    bytes = await readFile(path);
  } catch (error) {
    throw refuse(reasonOf(error), error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse('bytes that are not UTF-8', error);
  }
}

function refuse(got: string, cause: unknown): Error {
  const want = `a readable YAML file of at most ${MAX_FILE_BYTES / 1024} KiB in UTF-8`;
  return new Error(`got ${got}; want ${want}`, { cause });
}

const NO_FILE = 'no such file';

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return NO_FILE;
  if (code === 'EACCES' || code === 'EPERM') return 'one that this user may not read';
  return error instanceof Error ? error.message : String(error);
}
