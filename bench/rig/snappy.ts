/** Input is compressed in blocks of this size, so that an offset fits two bytes. */
const BLOCK_BYTES = 65_536;

const HASH_BITS = 14;
const MAX_COPY_BYTES = 64;
const MIN_COPY_BYTES = 4;

/** Compresses to one block of Snappy as Prometheus' own library does it: repeats of four bytes and more become copies. */
export function compress(input: Uint8Array): Uint8Array {
  const out = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
  const writer: Writer = { out, length: writeVarint(out, 0, input.length) };
  const table = new Int32Array(1 << HASH_BITS);
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    compressBlock(writer, table, input.subarray(start, start + BLOCK_BYTES));
  }
  return out.slice(0, writer.length);
}

interface Writer {
  readonly out: Uint8Array;
  length: number;
}

function compressBlock(writer: Writer, table: Int32Array, block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  table.fill(-1);
  let literalStart = 0;
  let at = 0;
  while (at + MIN_COPY_BYTES <= block.length) {
    const four = view.getUint32(at, true);
    const slot = Math.imul(four, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const candidate = table[slot] ?? -1;
    table[slot] = at;
    if (candidate < 0 || view.getUint32(candidate, true) !== four) {
      // The longer nothing repeats, the larger the strides.
      at += 1 + ((at - literalStart) >> 5);
      continue;
    }
    let length = MIN_COPY_BYTES;
    while (at + length < block.length && block[candidate + length] === block[at + length]) length++;
    writeLiteral(writer, block.subarray(literalStart, at));
    writeCopies(writer, at - candidate, length);
    at += length;
    literalStart = at;
  }
  writeLiteral(writer, block.subarray(literalStart));
}

function writeLiteral(writer: Writer, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const code = bytes.length - 1;
  if (code < 60) writer.out[writer.length++] = code << 2;
  else {
    writer.out[writer.length++] = 61 << 2;
    writer.out[writer.length++] = code & 0xff;
    writer.out[writer.length++] = code >> 8;
  }
  writer.out.set(bytes, writer.length);
  writer.length += bytes.length;
}

function writeCopies(writer: Writer, offset: number, length: number): void {
  for (let rest = length; rest > 0;) {
    const part = Math.min(rest, MAX_COPY_BYTES);
    writer.out[writer.length++] = ((part - 1) << 2) | 2;
    writer.out[writer.length++] = offset & 0xff;
    writer.out[writer.length++] = offset >> 8;
    rest -= part;
  }
}

function writeVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out[to++] = (rest % 128) | 0x80;
  out[to++] = rest;
  return to;
}
