import { dirname } from 'node:path';
import { isMap, isScalar, isSeq, type ParsedNode, visit } from 'yaml';
import { quote, StartupError } from '../startup-error.ts';
import { didYouMean } from './closest-word.ts';
import { type FilePlace, place } from './file-place.ts';
import type { Source } from './reading.ts';
import { formatPath, schemaFaults } from './schema-faults.ts';
import { type SectionName, SECTIONS, type Sections } from './sections.ts';

/** A section as the file has it. */
export interface RawSection {
  readonly name: SectionName;
  readonly node: ParsedNode | null;
  /** The same as JavaScript has it. */
  readonly value: unknown;
  readonly source: Source;
}

/** Judges a section; each fault names the line and the place within. Without faults there is a value. */
export function readSection(
  { name, node, value }: RawSection,
  file: FilePlace,
): { readonly value: Sections[SectionName] | undefined; readonly faults: StartupError[] } {
  const { key, schema } = SECTIONS[name];
  const twice = duplicateKeys(node, file);
  if (twice.length > 0) return { value: undefined, faults: twice };
  const verdict = schema(dirname(file.path)).safeParse(value);
  if (verdict.success) return { value: verdict.data, faults: [] };
  const faults = schemaFaults(verdict.error, value).map(({ path, got, want, guess }) => {
    const offset = offsetOf(node, path);
    const where = offset === undefined ? file.path : place(file.path, file.lines.linePos(offset));
    const at = formatPath(path);
    const what = `${where}: ${key}${at.startsWith('[') || at === '' ? at : `.${at}`}`;
    const remedy = `${didYouMean(guess)}Correct or remove it; docs/scraping.md has an example.`;
    return new StartupError({ what, got, want, remedy });
  });
  return { value: undefined, faults };
}

/** Where the deepest part of a path begins that is there. */
function offsetOf(node: ParsedNode | null, path: readonly PropertyKey[]): number | undefined {
  let at: ParsedNode | null = node;
  let offset = at?.range[0];
  for (const step of path) {
    if (isMap<ParsedNode, ParsedNode | null>(at)) {
      const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) break;
      offset = pair.key.range[0];
      at = pair.value;
    } else if (isSeq<ParsedNode>(at) && typeof step === 'number') {
      at = at.items[step] ?? null;
      offset = at?.range[0] ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

/** The library takes the last of keys that are equal; nobody means that. */
function duplicateKeys(node: ParsedNode | null, file: FilePlace): StartupError[] {
  const faults: StartupError[] = [];
  visit(node, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const text = String(key.value);
        if (seen.has(text)) {
          faults.push(
            new StartupError({
              what: place(file.path, file.lines.linePos(key.range?.[0] ?? 0)),
              got: `the key ${quote(text)} for the second time`,
              want: 'each key once',
              remedy: 'Remove one of the two.',
            }),
          );
        }
        seen.add(text);
      }
    },
  });
  return faults;
}
