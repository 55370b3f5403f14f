import { promisify } from 'node:util';
import { gunzip, inflate, zstdDecompress } from 'node:zlib';
import { quote, Refusal } from '../refusal.ts';

/** How a body may be compressed. */
export type ContentCoding = 'gzip' | 'deflate' | 'zstd' | 'identity';

/** Off the event loop: what a body expands to is not known beforehand. */
const DECODERS: Readonly<
  Record<
    Exclude<ContentCoding, 'identity'>,
    (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>
  >
> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
};

/** The coding that a `Content-Encoding` names; `undefined` for one that is not taken, and for several. */
export function contentCodingOf(contentEncoding: string | undefined): ContentCoding | undefined {
  const name = (contentEncoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  return name === 'gzip' || name === 'deflate' || name === 'zstd' ? name : undefined;
}

/**
 * Decompresses a body.
 *
 * @throws Refusal `too_large` when it holds more than `maxBytes`, `malformed` when it is not so compressed.
 */
export async function decompress(
  body: Uint8Array,
  coding: ContentCoding,
  maxBytes: number,
): Promise<Uint8Array> {
  if (coding === 'identity') return body;
  try {
    return await DECODERS[coding](body, { maxOutputLength: maxBytes });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal(
        'too_large',
        `got a body that holds over ${maxBytes} bytes when decompressed; want at most as many; ` +
          'send smaller requests, or raise ingest_max_body_mib (a quarter of this limit)',
        { cause: error },
      );
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      'malformed',
      `got a body that does not decompress (${quote(reason)}); want ${coding}, as its Content-Encoding says`,
      { cause: error },
    );
  }
}
