import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type ParsedNode,
  type Scalar,
} from 'yaml';
import { printable, quote } from '../startup-error.ts';

/** What is wrong in a text, and where. */
export interface YamlFault {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** The field, such as `groups[0].rules[1].expr`; empty for the whole text. */
  readonly path: string;
  /** `got …; want …`, on one line. */
  readonly message: string;
}

/** A value in a text, and where it stands. */
export interface YamlValue {
  /** `null` where nothing is written. */
  readonly node: ParsedNode | null;
  readonly path: string;
  /** Where a fault of it is shown. */
  readonly offset: number;
}

/** A text of more mistakes is the wrong text; the first ones say so. */
const MAX_FAULTS = 100;

/** Each alias costs a walk through the text, and may stand for a large part of it. */
const MAX_ALIASES = 100;

/**
 * A YAML text (1.2, one document) that is read field by field. What does not have the wanted form is a fault with its line,
 * and reads as `undefined`; nothing throws.
 */
export class YamlText {
  readonly root: YamlValue;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter = new LineCounter();
  readonly #faults: YamlFault[] = [];
  #aliases = 0;
  /** Aliases that lead nowhere, each told once. */
  readonly #dangling = new Set<ParsedNode>();

  constructor(text: string) {
    // Keys are compared here: the library's own check for duplicates takes time with the square of their number.
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
    });
    this.root = { node: this.#document.contents, path: '', offset: 0 };
    for (const { message, pos } of [...this.#document.errors, ...this.#document.warnings]) {
      this.refuse({ path: '', offset: pos[0] }, `a mistake (${message})`, 'YAML');
    }
  }

  get faults(): readonly YamlFault[] {
    return this.#faults;
  }

  /** Notes a fault. */
  refuse({ path, offset }: Omit<YamlValue, 'node'>, got: string, want: string): undefined {
    if (this.#faults.length >= MAX_FAULTS) return;
    const { line, col: column } = this.#lines.linePos(offset);
    const message = printable(`got ${got}; want ${want}`);
    this.#faults.push({ line: Math.max(1, line), column: Math.max(1, column), path, message });
  }

  /** Whether nothing is written there, or `null`. */
  isNothing(value: YamlValue): boolean {
    const node = this.#resolve(value);
    return node === null || (isScalar(node) && node.value === null);
  }

  /**
   * The fields of a map.
   *
   * @param known The names that a field may have; any when left out.
   * @param wanted Those of them that messages offer.
   */
  fieldsOf(
    value: YamlValue,
    known?: readonly string[],
    wanted: readonly string[] = known ?? [],
  ): Map<string, YamlValue> | undefined {
    const node = this.#resolve(value);
    if (!isMap<ParsedNode, ParsedNode | null>(node)) {
      return this.refuse(value, this.describe(value), 'a map ("key: value" lines)');
    }
    const fields = new Map<string, YamlValue>();
    for (const pair of node.items) {
      const keyAt = { path: value.path, offset: pair.key.range[0] };
      const name = this.textOf({ ...keyAt, node: pair.key });
      if (name === undefined) continue;
      const path = value.path === '' ? name : `${value.path}.${name}`;
      if (fields.has(name)) {
        this.refuse({ ...keyAt, path }, `${quote(name)} for the second time`, 'each key once');
      } else if (known !== undefined && !known.includes(name)) {
        this.refuse(keyAt, `the unknown key ${quote(name)}`, `one of ${wanted.join(', ')}`);
      } else {
        const offset = pair.value?.range[0] ?? pair.key.range[0];
        fields.set(name, { node: pair.value, path, offset });
      }
    }
    return fields;
  }

  /** The items of a list; none where nothing is written. */
  itemsOf(value: YamlValue | undefined): YamlValue[] {
    if (value === undefined || this.isNothing(value)) return [];
    const node = this.#resolve(value);
    if (!isSeq<ParsedNode>(node)) {
      this.refuse(value, this.describe(value), 'a list ("- " lines)');
      return [];
    }
    return node.items.map((item, i) => ({
      node: item,
      path: `${value.path}[${i}]`,
      offset: item.range[0],
    }));
  }

  /** A single value as it is written: `1.50` stays `1.50`. Nothing is the empty text. */
  textOf(value: YamlValue): string | undefined {
    const node = this.#resolve(value);
    if (node === null) return '';
    if (!isScalar(node)) return this.refuse(value, this.describe(value), 'a text');
    if (node.value === null) return '';
    return typeof node.value === 'string' ? node.value : sourceOf(node);
  }

  /** A whole number of 0 or more. */
  countOf(value: YamlValue): number | undefined {
    const node = this.#resolve(value);
    const count: unknown = isScalar(node) ? node.value : undefined;
    if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
    return this.refuse(value, this.describe(value), 'a whole number of 0 or more');
  }

  /** The value for a message. */
  describe(value: YamlValue): string {
    const node = this.#resolve(value);
    if (isMap(node)) return 'a map';
    if (isSeq(node)) return 'a list';
    return quote(isScalar(node) ? node.value : null);
  }

  #resolve(value: YamlValue): ParsedNode | null {
    const { node } = value;
    if (!isAlias(node)) return node;
    this.#aliases++;
    if (this.#aliases > MAX_ALIASES) {
      if (this.#aliases === MAX_ALIASES + 1) {
        this.refuse(value, `more than ${MAX_ALIASES} uses of aliases`, 'fewer');
      }
      return null;
    }
    const target = node.resolve(this.#document) as ParsedNode | undefined;
    if (target !== undefined && !isAlias(target)) return target;
    if (!this.#dangling.has(node)) {
      this.#dangling.add(node);
      this.refuse(value, `the alias ${quote(node.source)}`, 'one whose anchor (&) comes before it');
    }
    return null;
  }
}

function sourceOf(node: Scalar): string {
  return node.source ?? String(node.value);
}
