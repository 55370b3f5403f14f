import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  filesOf,
  importsOf,
  isProduction,
  manifestOf,
  root,
  targetOf,
  workspaces,
} from './imports.ts';

/**
 * Who may import whom among the workspaces. What is not listed is refused; a package never imports an app.
 */
const WORKSPACES: Readonly<Record<string, readonly string[]>> = {
  'packages/model': [],
  'packages/api': [],
  'packages/agent': ['@hubpulse/model'],
  'packages/promql': ['@hubpulse/model'],
  'apps/dashboard': ['@hubpulse/api'],
  'apps/server': [
    ...['@hubpulse/model', '@hubpulse/api', '@hubpulse/api/schemas', '@hubpulse/agent'],
    '@hubpulse/promql',
  ],
};

/**
 * Who may import whom inside the server: files and folders of `apps/server/src`, packages, and the modules of Node that
 * open something to the outside. What is not listed is refused, and a listed edge that no file needs must go.
 */
const SERVER: Readonly<Record<string, readonly string[]>> = {
  'clock.ts': [],
  'closing.ts': [],
  'errors.ts': [],
  'startup-error.ts': [],
  'log.ts': ['pino', 'pino-pretty'],
  'lifetime.ts': ['clock.ts', 'log.ts'],
  'grid-loop.ts': ['clock.ts'],
  'pulse.ts': ['clock.ts', 'grid-loop.ts', 'log.ts'],
  'store-fault.ts': ['startup-error.ts', 'store/port.ts'],
  config: [
    ...['log.ts', 'startup-error.ts', 'ingest/scrape/scrape-job.ts'],
    ...['@hubpulse/model', 'node:net', 'yaml', 'zod'],
  ],
  'store/port.ts': ['@hubpulse/model'],
  'store/roll-up.ts': ['@hubpulse/model'],
  'store/embedded': [
    ...['store/port.ts', 'store/roll-up.ts', 'clock.ts', 'log.ts'],
    ...['@hubpulse/model', 'node:sqlite'],
  ],
  'ingest/exposition': ['@hubpulse/model'],
  'ingest/scrape': [
    ...['ingest', 'ingest/exposition', 'clock.ts', 'log.ts', 'startup-error.ts'],
    ...['@hubpulse/model', 'node:http', 'node:https'],
  ],
  ingest: ['store/port.ts', 'clock.ts', '@hubpulse/agent', '@hubpulse/model'],
  query: ['store/port.ts', 'clock.ts', '@hubpulse/api', '@hubpulse/model', '@hubpulse/promql'],
  rules: [
    ...['store/port.ts', 'ingest', 'clock.ts', 'grid-loop.ts', 'log.ts', 'startup-error.ts'],
    ...['@hubpulse/model', '@hubpulse/promql', 'yaml'],
  ],
  live: ['@hubpulse/api'],
  self: [
    ...['store/port.ts', 'clock.ts', 'ingest', 'ingest/scrape', 'pulse.ts', 'rules'],
    ...['@hubpulse/agent', '@hubpulse/model'],
  ],
  http: [
    ...['clock.ts', 'errors.ts', 'log.ts', 'startup-error.ts', 'config/host-name.ts'],
    ...['ingest', 'ingest/scrape', 'live', 'query', 'rules', 'self', 'store/port.ts'],
    ...['@hubpulse/api', '@hubpulse/api/schemas', '@hubpulse/model', '@hubpulse/promql'],
    ...['fastify', '@fastify/static', '@fastify/swagger', '@fastify/compress'],
    ...['fastify-type-provider-zod', 'zod', 'node:http', 'node:net'],
  ],
  'cli.ts': ['clock.ts', 'config', 'lifetime.ts', 'log.ts', 'rules', 'startup-error.ts'],
  'main.ts': ['*'],
};

/** Parts of the server that only tests may import. */
const DOUBLES: readonly string[] = ['manual-clock.ts', 'store/memory'];

/** Modules of Node without an edge of their own: they reach no other part of the product. */
const OPEN_NODE_MODULES = /^node:(?!sqlite|http|https|net|dgram|tls|child_process|cluster)/;

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** The import edges of a workspace's production code, among files and to packages. */
function edgesOf(workspace: string): Edge[] {
  return filesOf(`${workspace}/src`, /\.tsx?$/)
    .filter((file) => isProduction(file))
    .flatMap((file) =>
      importsOf(readFileSync(join(root, workspace, 'src', file), 'utf8')).map((specifier) => ({
        from: file,
        to: specifier.startsWith('.') ? targetOf(file, specifier) : specifier,
      })),
    );
}

/** The longest entry of the list that names the file itself or a folder around it. */
function areaOf(path: string, areas: readonly string[]): string | undefined {
  return areas
    .filter((area) => path === area || path.startsWith(`${area}/`))
    .toSorted((a, b) => b.length - a.length)[0];
}

const areas = Object.keys(SERVER);
const serverEdges = edgesOf('apps/server');

/** The entry of the table that allows an edge; `undefined` when none does. */
function permissionOf({ from, to }: Edge): string | undefined {
  const area = areaOf(from, areas);
  if (area === undefined) return undefined;
  const within = areaOf(to, areas);
  if (within === area) return 'itself';
  const allowed = SERVER[area] ?? [];
  if (allowed.includes('*')) return DOUBLES.includes(within ?? '') ? undefined : '*';
  if (within === undefined) return allowed.find((name) => name === to);
  return allowed.find((path) => areaOf(path, areas) === within && areaOf(to, [path]) === path);
}

describe('the workspaces', () => {
  test('all stand in the table, and the table names no other', () => {
    expect(Object.keys(WORKSPACES).toSorted()).toEqual(workspaces.toSorted());
  });

  test.each(workspaces)('%s imports only the workspaces that the table allows', (workspace) => {
    const names = new Set(workspaces.map((folder) => manifestOf(folder).name));
    const forbidden = edgesOf(workspace)
      .filter(({ to }) => to.startsWith('@hubpulse/') || names.has(to))
      .filter(({ to }) => !WORKSPACES[workspace]?.includes(to));
    expect(forbidden).toEqual([]);
  });

  test.each(workspaces)('%s imports no file outside of its own src', (workspace) => {
    expect(edgesOf(workspace).filter(({ to }) => to.startsWith('..'))).toEqual([]);
  });

  test.each(workspaces)('%s uses every edge that the table gives it', (workspace) => {
    const used = new Set(edgesOf(workspace).map(({ to }) => to));
    expect((WORKSPACES[workspace] ?? []).filter((allowed) => !used.has(allowed))).toEqual([]);
  });
});

describe('the server', () => {
  test('has no file outside of the table', () => {
    const files = filesOf('apps/server/src', /\.tsx?$/).filter((file) => isProduction(file));
    const known = [...areas, ...DOUBLES];
    expect(files.filter((file) => areaOf(file, known) === undefined)).toEqual([]);
  });

  test('imports only along the edges of the table', () => {
    const forbidden = serverEdges.filter(
      (edge) =>
        !OPEN_NODE_MODULES.test(edge.to) &&
        areaOf(edge.from, DOUBLES) === undefined &&
        permissionOf(edge) === undefined,
    );
    expect(forbidden).toEqual([]);
  });

  test('needs every edge of the table', () => {
    const used = new Set(
      serverEdges.map((edge) => `${areaOf(edge.from, areas)} -> ${permissionOf(edge)}`),
    );
    const listed = Object.entries(SERVER).flatMap(([area, allowed]) =>
      allowed.map((to) => `${area} -> ${to}`),
    );
    expect(listed.filter((edge) => !used.has(edge))).toEqual([]);
  });

  test('every area of the table exists', () => {
    expect(areas.filter((area) => !existsSync(join(root, 'apps/server/src', area)))).toEqual([]);
  });

  test('adapters are imported by main.ts only, doubles by tests only', () => {
    const adapters = ['store/embedded'];
    const forbidden = serverEdges.filter(({ from, to }) => {
      const adapter = areaOf(to, adapters);
      if (adapter !== undefined) return from !== 'main.ts' && areaOf(from, [adapter]) === undefined;
      const double = areaOf(to, DOUBLES);
      return double !== undefined && areaOf(from, DOUBLES) === undefined;
    });
    expect(forbidden).toEqual([]);
  });
});

describe('every workspace', () => {
  test.each(workspaces)('%s has no cycle among its files', (workspace) => {
    expect(findCycle(edgesOf(workspace))).toEqual([]);
  });

  test.each(workspaces)('%s imports nothing whose name is computed', (workspace) => {
    expect(edgesOf(workspace).filter(({ to }) => to === '(computed)')).toEqual([]);
  });
});

/** The files of one import cycle, in order; empty when there is none. */
function findCycle(edges: readonly Edge[]): string[] {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of targets.get(file) ?? []) {
      const cycle = visit(to, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe('the reader of imports', () => {
  test.each([
    ["import { a } from './a.ts';", ['./a.ts']],
    ["import type { A } from './a.ts';", ['./a.ts']],
    ["import {\n  a,\n  type B,\n} from './a.ts';", ['./a.ts']],
    ["import './a.ts';", ['./a.ts']],
    ["export * from './a.ts';", ['./a.ts']],
    ["export { a } from './a.ts';", ['./a.ts']],
    ["const a = await import('./a.ts');", ['./a.ts']],
    ["type A = import('./a.ts').A;", ['./a.ts']],
    ["new Worker(new URL('./a.ts', import.meta.url));", ['./a.ts']],
    ["new Worker(new URL(\n  './a.js',\n  import.meta.url,\n));", ['./a.js']],
    ['const a = await import(name);', ['(computed)']],
    ["// import { a } from './a.ts';", []],
    ["/** import { a } from './a.ts'; */", []],
    ["const x = 'https://a.b'; import './a.ts';", ['./a.ts']],
    ["import { a } from './a.ts'; import { b } from './b.ts';", ['./a.ts', './b.ts']],
    ["import a, { b } from './a.ts';\nimport * as c from './c.ts';", ['./a.ts', './c.ts']],
    ["const window = { from: 'yesterday', to: read('to') };", []],
    ["read(fields.get('from'), fields.get('to'));", []],
  ])('%s', (text, specifiers) => {
    expect(importsOf(text)).toEqual(specifiers);
  });

  test('finds a cycle of any length', () => {
    const edges = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'a' },
    ];
    expect(findCycle(edges)).toEqual(['a', 'b', 'c', 'a']);
    expect(findCycle(edges.slice(0, 2))).toEqual([]);
  });
});
