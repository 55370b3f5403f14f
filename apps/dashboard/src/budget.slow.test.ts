import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** All script before the first interaction, and all style, as a browser receives it with gzip. */
const MAX_SCRIPT_BYTES = 170 * 1024;
const MAX_STYLE_BYTES = 12 * 1024;

let page = '';

beforeAll(async () => {
  if (!existsSync(join(dist, 'index.html'))) {
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error' });
  }
  page = readFileSync(join(dist, 'index.html'), 'utf8');
});

describe('the built dashboard', () => {
  test('needs at most 170 KB of script before the first interaction', () => {
    const scripts = initialScripts();
    expect(scripts.length).toBeGreaterThan(0);
    expect(gzipBytes(scripts)).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
  });

  test('needs at most 12 KB of style', () => {
    const styles = matches(page, /<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"/g);
    expect(styles.length).toBeGreaterThan(0);
    expect(gzipBytes(styles)).toBeLessThanOrEqual(MAX_STYLE_BYTES);
  });

  test('leaves the palette, the help and the custom range for later', () => {
    const initial = initialScripts().join(' ');
    for (const part of ['command-palette', 'help-dialog', 'custom-range']) {
      expect(initial).not.toContain(part);
    }
  });

  test('asks for one font, and early', () => {
    const fonts = matches(page, /<link[^>]+rel="preload"[^>]+href="([^"]+\.woff2)"/g);
    expect(fonts).toHaveLength(1);
    expect(existsSync(pathOf(fonts[0]!))).toBe(true);
  });

  test('keeps the place for the first data, and holds a compressed copy beside every script', () => {
    expect(page).toContain('<!--boot-->');
    for (const script of initialScripts()) {
      expect(existsSync(`${pathOf(script)}.br`)).toBe(true);
      expect(existsSync(`${pathOf(script)}.gz`)).toBe(true);
    }
  });
});

/** The scripts that the page names, and all that they import before running. */
function initialScripts(): string[] {
  const found = new Set<string>();
  const queue = [
    ...matches(page, /<script[^>]+src="([^"]+)"/g),
    ...matches(page, /<link[^>]+rel="modulepreload"[^>]+href="([^"]+)"/g),
  ];
  for (const url of queue) {
    if (found.has(url)) continue;
    found.add(url);
    const imported = matches(
      readFileSync(pathOf(url), 'utf8'),
      /(?:^|[;}\s])(?:import|export)(?:[^"'();]*from)?["']\.\/([^"']+)["']/g,
    );
    queue.push(...imported.map((name) => `/assets/${name}`));
  }
  return [...found];
}

function gzipBytes(urls: readonly string[]): number {
  return urls.reduce((sum, url) => sum + gzipSync(readFileSync(pathOf(url))).length, 0);
}

function pathOf(url: string): string {
  return join(dist, url);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, match]) => match!);
}
