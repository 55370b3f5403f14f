import type { SeriesRef } from '@hubpulse/model';

/** Label bytes are kept in blocks of this size; keys above a block's size are not kept at all. */
const BLOCK_BITS = 20;
const BLOCK_BYTES = 2 ** BLOCK_BITS;

/** What the cache holds at most: 256 MB of label bytes, over a million series of usual length. */
const MAX_BLOCKS = 256;

/** Slots that are looked at for one key: far more than chance needs, and a bound for whoever makes keys collide. */
const MAX_PROBES = 64;

const FIRST_ENTRIES = 4096;

/**
 * Knows series by their label bytes, so that a series that was seen before costs no string.
 *
 * A hash finds the entry, and every hit is compared byte by byte: no sender can pass its samples off as another series by
 * a collision. The hash is seeded and the search bounded; a key that finds no slot is merely not kept. When the cache is
 * full it forgets everything and fills anew.
 */
export class SeriesCache {
  readonly #seed: number;
  readonly #maxBlocks: number;
  #blocks: DataView[] = [];
  #used = BLOCK_BYTES;
  /** Entry number plus one by slot; 0 is free. Always at most half full. */
  #slots = new Uint32Array(2 * FIRST_ENTRIES);
  #count = 0;
  #hashes = new Uint32Array(FIRST_ENTRIES);
  #positions = new Uint32Array(FIRST_ENTRIES);
  #lengths = new Uint32Array(FIRST_ENTRIES);
  #refs = new Uint32Array(FIRST_ENTRIES);
  /** What `find` looked at last, and a view of it: one request asks for every series in the same bytes. */
  #bytes = new Uint8Array(0) as Uint8Array;
  #view = new DataView(this.#bytes.buffer);
  /** The entry after the one found last: senders repeat themselves, so it is often the next. */
  #guess = 0;

  /** @param seed 32 random bits. */
  constructor({ seed, maxBlocks = MAX_BLOCKS }: { seed: number; maxBlocks?: number }) {
    this.#seed = seed;
    this.#maxBlocks = maxBlocks;
  }

  /** Series that are known. */
  get size(): number {
    return this.#count;
  }

  /** Memory that the label bytes take, in bytes. */
  get keptBytes(): number {
    return this.#blocks.length * BLOCK_BYTES;
  }

  /** The ref that was kept for these bytes; 0 for none. */
  find(bytes: Uint8Array, start: number, end: number): SeriesRef {
    if (bytes !== this.#bytes) this.#look(bytes);
    if (this.#guess < this.#count && this.#isEqual(this.#guess, start, end)) {
      return this.#refs[this.#guess++] as number;
    }
    const hash = hashOf(this.#view, start, end, this.#seed);
    const mask = this.#slots.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const entry = (this.#slots[(hash + probe) & mask] as number) - 1;
      if (entry < 0) return 0;
      if (this.#hashes[entry] === hash && this.#isEqual(entry, start, end)) {
        this.#guess = entry + 1;
        return this.#refs[entry] as number;
      }
    }
    return 0;
  }

  /** Keeps the ref of bytes that `find` does not know. */
  learn(key: Uint8Array, ref: SeriesRef): void {
    if (key.length > BLOCK_BYTES) return;
    this.#makeRoom(key.length);
    this.#look(key);
    const hash = hashOf(this.#view, 0, key.length, this.#seed);
    const slot = this.#freeSlot(hash);
    if (slot === undefined) return;
    const entry = this.#count++;
    this.#slots[slot] = entry + 1;
    this.#hashes[entry] = hash;
    this.#positions[entry] = (this.#blocks.length - 1) * BLOCK_BYTES + this.#used;
    this.#lengths[entry] = key.length;
    this.#refs[entry] = ref;
    new Uint8Array((this.#blocks.at(-1) as DataView).buffer).set(key, this.#used);
    this.#used += key.length;
  }

  /** Forgets everything. */
  forget(): void {
    this.#blocks = [];
    this.#used = BLOCK_BYTES;
    this.#count = 0;
    this.#guess = 0;
    this.#slots.fill(0);
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Whether the label bytes of an entry are those of the view from `start` to before `end`. */
  #isEqual(entry: number, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[entry] !== length) return false;
    const view = this.#view;
    const position = this.#positions[entry] as number;
    const block = this.#blocks[position >>> BLOCK_BITS] as DataView;
    const from = position & (BLOCK_BYTES - 1);
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      if (block.getInt32(from + i) !== view.getInt32(start + i)) return false;
    }
    for (; i < length; i++) {
      if (block.getUint8(from + i) !== view.getUint8(start + i)) return false;
    }
    return true;
  }

  #makeRoom(bytes: number): void {
    if (this.#blocks.length === 0 || this.#used + bytes > BLOCK_BYTES) {
      if (this.#blocks.length >= this.#maxBlocks) this.forget();
      this.#blocks.push(new DataView(new ArrayBuffer(BLOCK_BYTES)));
      this.#used = 0;
    }
    if (this.#count === this.#refs.length) this.#grow();
  }

  #grow(): void {
    const entries = 2 * this.#refs.length;
    this.#hashes = widen(this.#hashes, entries);
    this.#positions = widen(this.#positions, entries);
    this.#lengths = widen(this.#lengths, entries);
    this.#refs = widen(this.#refs, entries);
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

/** MurmurHash3 (x86, 32 bits; Austin Appleby, public domain): four bytes at a time, and well spread in the low bits. */
// oxlint-disable-next-line max-params -- An object for each series would cost more than the hash (bench/ingest-decode.ts).
export function hashOf(bytes: DataView, start: number, end: number, seed: number): number {
  let hash = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash ^= scramble(bytes.getInt32(at, true));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= bytes.getUint8(at) << shift;
  hash ^= scramble(rest) ^ (end - start);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
