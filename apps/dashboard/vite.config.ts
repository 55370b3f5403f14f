import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';

/** Where `npm run dev` finds the API: the server's default address. */
const SERVER = 'http://127.0.0.1:4600';

/** Below one packet compression saves no time. */
const SMALLEST_COMPRESSED_BYTES = 1024;

/** Asks for the font before the style sheet that names it has been read. */
const preloadFont: Plugin = {
  name: 'preload-font',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => file.endsWith('.woff2'))
        .map((file) => ({
          tag: 'link',
          attrs: {
            rel: 'preload',
            as: 'font',
            type: 'font/woff2',
            crossorigin: true,
            href: `/${file}`,
          },
          injectTo: 'head' as const,
        })),
  },
};

/** Writes `.br` and `.gz` beside every text asset. The page itself stays alone: the server completes it per request. */
const precompress: Plugin = {
  name: 'precompress',
  apply: 'build',
  writeBundle: async ({ dir = 'dist' }, bundle) => {
    const files = Object.keys(bundle).filter((file) => /\.(?:js|css|svg|json)$/.test(file));
    await Promise.all(files.map((file) => compressBeside(join(dir, file))));
  },
};

async function compressBeside(path: string): Promise<void> {
  const bytes = await readFile(path);
  if (bytes.length < SMALLEST_COMPRESSED_BYTES) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await Promise.all([
    promisify(brotliCompress)(bytes, { params }).then((br) => writeFile(`${path}.br`, br)),
    promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }).then((gz) =>
      writeFile(`${path}.gz`, gz),
    ),
  ]);
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwind(), preloadFont, precompress],
  resolve: { conditions: ['@hubpulse/source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    // Every target browser knows modulepreload; the polyfill would be dead code.
    modulePreload: { polyfill: false },
    // The font and the icons are files, so that the content security policy needs no `data:` beyond images.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': SERVER, '/healthz': SERVER, '/readyz': SERVER, '/metrics': SERVER } },
});
