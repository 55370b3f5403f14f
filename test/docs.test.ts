import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesOf, root } from './imports.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const documents = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...['docs', 'apps', 'packages', 'test', 'bench']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => filesOf(folder, /\.md$/).map((file) => `${folder}/${file}`)),
];

/** Targets of links and pictures, without those in code. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)];
  const html = [...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g)];
  return [...inline, ...html].map(([, target]) => target ?? '');
}

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading]) =>
    (heading ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

describe('links', () => {
  test.each(documents)('%s leads only to files and headings that exist', (document) => {
    const broken = linksOf(read(document))
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? document : join(dirname(document), path);
        if (!existsSync(join(root, file))) return true;
        return (
          anchor !== undefined && file.endsWith('.md') && !anchorsOf(read(file)).includes(anchor)
        );
      });
    expect(broken).toEqual([]);
  });
});

describe('README.md', () => {
  test('stays under 200 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(200);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = ['README.md', 'CONTRIBUTING.md'].flatMap((file) =>
      [...read(file).matchAll(/\bnpm run ([a-z:]+)/g)].map(([, script]) => script ?? ''),
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
    expect(named).toContain('check');
  });
});

describe('docs/decisions', () => {
  const records = readdirSync(join(root, 'docs/decisions')).toSorted();

  test('are numbered without gaps', () => {
    expect(records.map((file) => file.slice(0, 5))).toEqual(
      records.map((_, index) => `${String(index + 1).padStart(4, '0')}-`),
    );
  });

  test.each(records)(
    '%s has a question, a choice, reasons and what would change our mind',
    (file) => {
      const headings = [...read(`docs/decisions/${file}`).matchAll(/^## (.+)$/gm)].map(
        ([, h]) => h,
      );
      expect(headings).toEqual(['Question', 'Choice', 'Why', 'What would change our mind']);
    },
  );

  test.each(records)('%s is listed in docs/architecture.md', (file) => {
    expect(read('docs/architecture.md')).toContain(`decisions/${file}`);
  });
});

test('every entry of CHANGELOG.md says its kind and its area', () => {
  const entries = [...read('CHANGELOG.md').matchAll(/^- (.+)$/gm)].map(([, entry]) => entry ?? '');
  const kinds = /^\[(?:FEATURE|CHANGE|PERF|BUGFIX|SECURITY)\] [a-z][a-z -]*: \S/;
  expect(entries.length).toBeGreaterThan(0);
  expect(entries.filter((entry) => !kinds.test(entry))).toEqual([]);
});
