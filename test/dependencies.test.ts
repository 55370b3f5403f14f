import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  filesOf,
  importsOf,
  isProduction,
  manifestOf,
  packageOf,
  root,
  workspaces,
} from './imports.ts';

/** Packages whose code nobody imports, with the reason. */
const USED_OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  // `vite build` reads the style sheet's `@import 'tailwindcss'`, which the type packages have no part in.
  'apps/dashboard': ['@types/react', '@types/react-dom'],
};

/** Every package that a workspace's own files import, with one file that does. */
function importedBy(workspace: string, isWanted: (file: string) => boolean): Map<string, string> {
  const imported = new Map<string, string>();
  for (const file of filesOf(workspace, /\.(?:tsx?|css|html)$/)) {
    if (!isWanted(file)) continue;
    for (const specifier of specifiersOf(join(root, workspace, file))) {
      if (!/^(?:[./#]|node:|data:|https?:|\(|virtual:)/.test(specifier)) {
        imported.set(packageOf(specifier), file);
      }
    }
  }
  return imported;
}

function specifiersOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  if (!path.endsWith('.css')) return importsOf(text);
  const used = text.matchAll(/(?:@(?:import|plugin)\s+|\burl\()['"]([^'"]+)['"]/g);
  return [...used].map(([, name]) => name ?? '');
}

/** Files that run where the workspace runs; the others build or test it. */
function isRun(file: string): boolean {
  return file.startsWith('src/') && (isProduction(file) || !/\.tsx?$/.test(file));
}

const rootTools = Object.keys(manifestOf('').devDependencies ?? {});

test.each(workspaces)('%s declares every package that it runs with', (workspace) => {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifestOf(workspace);
  const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  // A style sheet is compiled: what it imports is a tool.
  const undeclared = [...importedBy(workspace, isRun)].filter(
    ([name, file]) => !declared.has(name) && !(file.endsWith('.css') && name in devDependencies),
  );
  expect(undeclared).toEqual([]);
});

test.each(workspaces)('%s declares every package that its tests and settings use', (workspace) => {
  const {
    name: own,
    dependencies = {},
    peerDependencies = {},
    devDependencies = {},
  } = manifestOf(workspace);
  const declared = new Set([
    ...Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies }),
    ...rootTools,
    own,
  ]);
  const undeclared = [...importedBy(workspace, () => true)].filter(([name]) => !declared.has(name));
  expect(undeclared).toEqual([]);
});

test.each(workspaces)('%s declares no package that it does not use', (workspace) => {
  const { dependencies = {}, devDependencies = {} } = manifestOf(workspace);
  const run = importedBy(workspace, isRun);
  const all = importedBy(workspace, () => true);
  const unused = [
    ...Object.keys(dependencies).filter((name) => !run.has(name)),
    ...Object.keys(devDependencies).filter((name) => !all.has(name)),
  ];
  expect(unused.filter((name) => !USED_OTHERWISE[workspace]?.includes(name))).toEqual([]);
});

test.each(workspaces)('%s pins every package to one version', (workspace) => {
  const { dependencies, devDependencies } = manifestOf(workspace);
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );
  expect(loose).toEqual([]);
});
