import { readFile, stat } from 'node:fs/promises';

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type ParsedNode,
} from 'yaml';

import { quote, StartupError } from '../startup-error.ts';
import { closestWord, didYouMean } from './closest-word.ts';
import { type FilePlace, place } from './file-place.ts';
import type { Reading, Readings, SectionReading } from './reading.ts';
import { readSection } from './section-reading.ts';
import { SECTION_NAMES, SECTIONS } from './sections.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';

/** A file with every key and a comment on each takes 3 KB; a megabyte is somebody's log or dump. */
const MAX_FILE_BYTES = 1_048_576;

/** What a file holds. */
export interface FileReadings extends Readings {
  readonly sections: readonly SectionReading[];
}

/**
 * Reads a YAML file (YAML 1.2): a map of settings, and the sections that have a structure of their own. Never throws: what cannot be read, found, parsed or
 * recognised is a fault that names the file and, past parsing, line and column.
 *
 * @param path Absolute path.
 */
export async function readConfigFile(path: string): Promise<FileReadings> {
  try {
    return readSettings(path, await readText(path));
  } catch (error) {
    if (error instanceof StartupError) return { readings: [], sections: [], faults: [error] };
    throw error;
  }
}

/** @throws StartupError when the path is not that of a readable file of at most 1 MB in UTF-8. */
export async function readText(path: string): Promise<string> {
  const want = 'a readable YAML file of at most 1 MB in UTF-8';
  const refuse = (got: string, cause?: unknown): StartupError =>
    new StartupError(
      { what: path, got, want, remedy: 'Name another file with --config or HUBPULSE_CONFIG.' },
      { cause },
    );
  let bytes: Buffer;
  try {
    const found = await stat(path);
    // Opening a pipe without a writer would wait for ever.
    if (!found.isFile()) throw refuse(found.isDirectory() ? 'a directory' : 'a pipe or device');
    if (found.size > MAX_FILE_BYTES) throw refuse(`${found.size} bytes`);
    bytes = await readFile(path);
  } catch (error) {
    throw error instanceof StartupError ? error : refuse(failureOf(error), error);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw refuse('bytes that are not UTF-8', error);
  }
}

function failureOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'a file that this user may not read';
  return error instanceof Error ? error.message : String(error);
}

/** @throws StartupError when the text is not one YAML document with a map. */
function readSettings(path: string, text: string): FileReadings {
  const lines = new LineCounter();
  // Keys are compared below: the library's own check for duplicates takes time with the square of their number.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) =>
    malformed(place(path, lines.linePos(pos[0])), `a mistake (${message})`),
  );
  if (faults.length > 0) return { readings: [], sections: [], faults };
  if (document.contents === null || isEmptyScalar(document.contents))
    return { readings: [], sections: [], faults: [] };
  if (!isMap(document.contents)) {
    throw malformed(place(path, { line: 1, col: 1 }), 'something other than "key: value" lines');
  }
  return readPairs(document, { path, lines });
}

function readPairs(document: Document.Parsed, file: FilePlace): FileReadings {
  const readings: Reading[] = [];
  const sections: SectionReading[] = [];
  const faults: StartupError[] = [];
  const firstLines = new Map<string, number>();
  const pairs = isMap<ParsedNode, ParsedNode | null>(document.contents)
    ? document.contents.items
    : [];
  for (const pair of pairs) {
    const position = file.lines.linePos(pair.key.range[0]);
    const what = place(file.path, position);
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const name = SETTING_NAMES.find((candidate) => SETTINGS[candidate].key === key);
    const section = SECTION_NAMES.find((candidate) => SECTIONS[candidate].key === key);
    const firstLine = firstLines.get(key);
    if (name === undefined && section === undefined) {
      faults.push(unknownKey(what, key));
    } else if (firstLine !== undefined) {
      faults.push(duplicateKey({ what, key, firstLine }));
    } else {
      firstLines.set(key, position.line);
      const source = { kind: 'file', path: file.path, line: position.line } as const;
      const value = valueOf(pair, document);
      if (value instanceof Error) faults.push(malformed(what, `a mistake (${value.message})`));
      else if (name !== undefined) readings.push({ name, value, source });
      else if (section !== undefined) {
        const read = readSection({ name: section, node: pair.value, value, source }, file);
        if (read.value !== undefined) sections.push({ name: section, value: read.value, source });
        faults.push(...read.faults);
      }
    }
  }
  return { readings, sections, faults };
}

/** The value as JavaScript has it, or why the library refuses (an alias without anchor, too many aliases). */
function valueOf(pair: Pair<ParsedNode, ParsedNode | null>, document: Document.Parsed): unknown {
  try {
    return isNode(pair.value) ? pair.value.toJS(document) : null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isEmptyScalar(node: ParsedNode): boolean {
  return !isAlias(node) && isScalar(node) && node.value === null;
}

function malformed(what: string, got: string): StartupError {
  const remedy = 'Correct the file; docs/configuration.md has an example.';
  return new StartupError({ what, got, want: 'YAML with "key: value" lines', remedy });
}

function unknownKey(what: string, key: string): StartupError {
  const keys = [
    ...SETTING_NAMES.map((name) => SETTINGS[name].key),
    ...SECTION_NAMES.map((name) => SECTIONS[name].key),
  ];
  const guess = closestWord(key, keys);
  return new StartupError({
    what,
    got: `the unknown key ${quote(key)}`,
    want: guess === undefined ? `one of ${keys.join(', ')}` : 'a known key',
    remedy: `${didYouMean(guess)}Correct or remove the line.`,
  });
}

function duplicateKey(fault: { what: string; key: string; firstLine: number }): StartupError {
  return new StartupError({
    what: fault.what,
    got: `${fault.key} for the second time, after line ${fault.firstLine}`,
    want: 'each key once',
    remedy: 'Remove one of the two lines.',
  });
}
