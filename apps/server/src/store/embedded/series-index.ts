import {
  compileMatcher,
  type Labels,
  labelValue,
  type Matcher,
  type SeriesRef,
} from '@hubpulse/model';

/** A series that the index can find. */
export interface IndexedSeries {
  readonly ref: SeriesRef;
  readonly labels: Labels;
  /** `labelsKey(labels)`: the order of results. */
  readonly name: string;
}

/** Values of one label, each with its series in ascending order of ref. */
type Postings = Map<string, SeriesRef[]>;

/** A matcher with what it needs for each candidate. */
interface Test {
  readonly name: string;
  readonly accepts: (value: string) => boolean;
}

/** Finds series by label in memory: label → value → sorted refs. */
export class SeriesIndex<S extends IndexedSeries> {
  readonly #series = new Map<SeriesRef, S>();
  readonly #postings = new Map<string, Postings>();

  get size(): number {
    return this.#series.size;
  }

  /** Adds a series once; a second time changes nothing. */
  add(series: S): void {
    if (this.#series.has(series.ref)) return;
    this.#series.set(series.ref, series);
    for (const [name, value] of series.labels) this.#post(name, value, series.ref);
  }

  get(ref: SeriesRef): S | undefined {
    return this.#series.get(ref);
  }

  /** Takes a series out; one that is not there changes nothing. */
  remove(ref: SeriesRef): void {
    const series = this.#series.get(ref);
    if (series === undefined) return;
    this.#series.delete(ref);
    for (const [name, value] of series.labels) this.#unpost(name, value, ref);
  }

  labelNames(): string[] {
    return [...this.#postings.keys()].toSorted();
  }

  labelValues(name: string): string[] {
    return [...(this.#postings.get(name)?.keys() ?? [])].toSorted();
  }

  /**
   * The series that match all `matchers`, in order of `labelsKey`. Costs time in proportion to the series of the most
   * selective matcher; all series when every matcher also accepts an absent label.
   *
   * @throws SyntaxError for a bad pattern.
   */
  find(matchers: readonly Matcher[]): S[] {
    const tests: Test[] = [];
    let candidates: SeriesRef[] | undefined;
    for (const matcher of matchers) {
      const accepts = compileMatcher(matcher);
      const found = accepts('') ? undefined : this.#refs(matcher, accepts);
      if (found === undefined) tests.push({ name: matcher.name, accepts });
      else if (candidates === undefined) candidates = found;
      else candidates = intersect(candidates, found);
    }
    return this.#ordered(candidates ?? this.#series.keys(), tests);
  }

  #ordered(refs: Iterable<SeriesRef>, tests: readonly Test[]): S[] {
    const found: S[] = [];
    for (const ref of refs) {
      const series = this.#series.get(ref);
      if (series !== undefined && passes(series.labels, tests)) found.push(series);
    }
    return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The series that carry the label with an accepted value. */
  #refs({ name, op, value }: Matcher, accepts: (value: string) => boolean): SeriesRef[] {
    const postings = this.#postings.get(name);
    if (postings === undefined) return [];
    if (op === '=') return postings.get(value) ?? [];
    const found: SeriesRef[][] = [];
    for (const [candidate, refs] of postings) if (accepts(candidate)) found.push(refs);
    // A series has one value for a label, so no ref comes twice.
    return found.flat().toSorted((a, b) => a - b);
  }

  #unpost(name: string, value: string, ref: SeriesRef): void {
    const postings = this.#postings.get(name);
    const refs = postings?.get(value);
    if (postings === undefined || refs === undefined) return;
    refs.splice(refs.indexOf(ref), 1);
    if (refs.length === 0) postings.delete(value);
    if (postings.size === 0) this.#postings.delete(name);
  }

  #post(name: string, value: string, ref: SeriesRef): void {
    const postings = getOrCreate(this.#postings, name, () => new Map<string, SeriesRef[]>());
    const refs = getOrCreate(postings, value, (): SeriesRef[] => []);
    // Refs grow, so the place is nearly always the end; batches may become durable out of their order.
    let at = refs.length;
    while (at > 0 && (refs[at - 1] as number) > ref) at--;
    refs.splice(at, 0, ref);
  }
}

function passes(labels: Labels, tests: readonly Test[]): boolean {
  return tests.every(({ name, accepts }) => accepts(labelValue(labels, name)));
}

/** The refs in both ascending lists. */
function intersect(a: readonly SeriesRef[], b: readonly SeriesRef[]): SeriesRef[] {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const wanted = new Set(short);
  return long.filter((ref) => wanted.has(ref));
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
