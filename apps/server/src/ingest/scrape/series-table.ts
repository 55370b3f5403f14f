import type { SeriesRef } from '@hubpulse/model';
import { hashOf } from '../series-cache.ts';

/** Tables begin small: a thousand targets have one each. */
const FIRST_ENTRIES = 64;
const FIRST_KEY_BYTES = 4096;

/** Entries that a table may keep beyond those in use before it is made anew. */
const SPARE_ENTRIES = 1024;

/** Slots that are looked at for one key; a bound for whoever makes keys collide. */
const MAX_PROBES = 64;

/** The ref of a series that the rules drop; stores begin with 1. */
export const DROPPED: SeriesRef = 0;

/**
 * Knows the series of one target by the bytes in which the target writes them, and which of them its last scrape had.
 *
 * Entries are numbered; a number is valid until `settle`. Every hit is compared byte by byte.
 */
export class SeriesTable {
  readonly #seed: number;
  #keys = new DataView(new ArrayBuffer(FIRST_KEY_BYTES));
  #keyBytes = 0;
  #count = 0;
  #scrapes = 0;
  /** Entry number plus one by slot; 0 is free. At most half full. */
  #slots = new Uint32Array(2 * FIRST_ENTRIES);
  #hashes = new Uint32Array(FIRST_ENTRIES);
  #starts = new Uint32Array(FIRST_ENTRIES);
  #lengths = new Uint32Array(FIRST_ENTRIES);
  #refs = new Uint32Array(FIRST_ENTRIES);
  /** The last scrape that had the series at all. */
  #used = new Uint32Array(FIRST_ENTRIES);
  /** The last scrape that had it without a time of its own, 0 when its samples have ended. */
  #live = new Uint32Array(FIRST_ENTRIES);
  #bytes = new Uint8Array(0) as Uint8Array;
  #view = new DataView(this.#bytes.buffer);
  /** The entry after the one found last: programs write their series in one order. */
  #guess = 0;

  /** @param seed 32 random bits. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get size(): number {
    return this.#count;
  }

  /** Begins a scrape; its number, from 1. */
  begin(): number {
    return ++this.#scrapes;
  }

  /** The entry of a series; -1 for one that is not known. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (bytes !== this.#bytes) this.#look(bytes);
    if (this.#guess < this.#count && this.#isEqual(this.#guess, start, end)) return this.#guess++;
    const hash = hashOf(this.#view, start, end, this.#seed);
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const entry = (this.#slots[(hash + probe) & mask] as number) - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] === hash && this.#isEqual(entry, start, end)) {
        this.#guess = entry + 1;
        return entry;
      }
    }
    return -1;
  }

  /** Keeps a series that `find` does not know; its entry, or -1 when there is no slot for it. */
  add(key: Uint8Array, ref: SeriesRef): number {
    this.#makeRoom(key.length);
    this.#look(key);
    const hash = hashOf(this.#view, 0, key.length, this.#seed);
    const slot = this.#freeSlot(hash);
    if (slot === undefined) return -1;
    const entry = this.#count++;
    this.#slots[slot] = entry + 1;
    this.#hashes[entry] = hash;
    this.#starts[entry] = this.#keyBytes;
    this.#lengths[entry] = key.length;
    this.#refs[entry] = ref;
    this.#used[entry] = 0;
    this.#live[entry] = 0;
    new Uint8Array(this.#keys.buffer).set(key, this.#keyBytes);
    this.#keyBytes += key.length;
    return entry;
  }

  refOf(entry: number): SeriesRef {
    return this.#refs[entry] as number;
  }

  /**
   * Says that a scrape has a series.
   *
   * @param scrape Its number, from `begin`.
   * @param hasOwnTime Whether the sample brings its time: then nobody knows when the series ends.
   * @returns Whether its samples begin anew.
   */
  mark(entry: number, scrape: number, hasOwnTime: boolean): boolean {
    const wasLive = this.#live[entry] !== 0;
    this.#used[entry] = scrape;
    if (!hasOwnTime) this.#live[entry] = scrape;
    return !wasLive;
  }

  /** The series that have not ended. */
  liveRefs(): SeriesRef[] {
    return this.#refs.subarray(0, this.#count).reduce<SeriesRef[]>((refs, ref, entry) => {
      if (this.#live[entry] !== 0 && ref !== DROPPED) refs.push(ref);
      return refs;
    }, []);
  }

  /**
   * The series whose samples end before a scrape: all that are live and that it has not. One that the target writes in
   * another way now, such as with its labels in another order, has not ended.
   */
  endedBy(scrape: number): Set<SeriesRef> {
    const ended = new Set<SeriesRef>();
    for (let entry = 0; entry < this.#count; entry++) {
      const live = this.#live[entry];
      const ref = this.#refs[entry] as number;
      if (live !== 0 && live !== scrape && ref !== DROPPED) ended.add(ref);
    }
    for (let entry = 0; ended.size > 0 && entry < this.#count; entry++) {
      if (this.#used[entry] === scrape) ended.delete(this.#refs[entry] as number);
    }
    return ended;
  }

  /** Says that a scrape is stored, with the marks of what ended. Forgets what was not used for long if that is much. */
  settle(scrape: number): void {
    let used = 0;
    for (let entry = 0; entry < this.#count; entry++) {
      if (this.#live[entry] !== scrape) this.#live[entry] = 0;
      if (this.#used[entry] === scrape) used++;
    }
    // A scrape that failed has none of them, and the next will have them again.
    if (used > 0 && this.#count > 2 * used + SPARE_ENTRIES) this.#keepUsedBy(scrape);
  }

  #keepUsedBy(scrape: number): void {
    const kept = new SeriesTable(this.#seed);
    for (let entry = 0; entry < this.#count; entry++) {
      if (this.#used[entry] !== scrape) continue;
      const start = this.#starts[entry] as number;
      const key = new Uint8Array(this.#keys.buffer, start, this.#lengths[entry]);
      const copy = kept.add(key, this.#refs[entry] as number);
      if (copy < 0) continue;
      kept.#used[copy] = scrape;
      kept.#live[copy] = this.#live[entry] as number;
    }
    this.#keys = kept.#keys;
    this.#keyBytes = kept.#keyBytes;
    this.#count = kept.#count;
    this.#slots = kept.#slots;
    this.#hashes = kept.#hashes;
    this.#starts = kept.#starts;
    this.#lengths = kept.#lengths;
    this.#refs = kept.#refs;
    this.#used = kept.#used;
    this.#live = kept.#live;
    this.#guess = 0;
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#guess = 0;
  }

  #isEqual(entry: number, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[entry] !== length) return false;
    const [keys, view] = [this.#keys, this.#view];
    const from = this.#starts[entry] as number;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      if (keys.getInt32(from + i) !== view.getInt32(start + i)) return false;
    }
    for (; i < length; i++) {
      if (keys.getUint8(from + i) !== view.getUint8(start + i)) return false;
    }
    return true;
  }

  #makeRoom(bytes: number): void {
    const { byteLength } = this.#keys;
    if (this.#keyBytes + bytes > byteLength) {
      const wider = new Uint8Array(Math.max(2 * byteLength, this.#keyBytes + bytes));
      wider.set(new Uint8Array(this.#keys.buffer, 0, this.#keyBytes));
      this.#keys = new DataView(wider.buffer);
    }
    if (this.#count === this.#refs.length) this.#grow();
  }

  #grow(): void {
    const entries = 2 * this.#refs.length;
    this.#hashes = widen(this.#hashes, entries);
    this.#starts = widen(this.#starts, entries);
    this.#lengths = widen(this.#lengths, entries);
    this.#refs = widen(this.#refs, entries);
    this.#used = widen(this.#used, entries);
    this.#live = widen(this.#live, entries);
    this.#slots = new Uint32Array(2 * entries);
    for (let entry = 0; entry < this.#count; entry++) {
      const slot = this.#freeSlot(this.#hashes[entry] as number);
      if (slot !== undefined) this.#slots[slot] = entry + 1;
    }
  }

  #freeSlot(hash: number): number | undefined {
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (hash + probe) & mask;
      if (this.#slots[slot] === 0) return slot;
    }
    return undefined;
  }
}

function widen(from: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}
