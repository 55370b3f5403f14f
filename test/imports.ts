import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The root of the repository. */
export const root: string = join(import.meta.dirname, '..');

/** The folders of all workspaces, relative to the root: `apps/server`, `packages/model`, … */
export const workspaces: readonly string[] = ['apps', 'packages'].flatMap((kind) =>
  readdirSync(join(root, kind)).map((name) => `${kind}/${name}`),
);

/** The parts of a manifest that the tests look at. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Reads the manifest of a workspace, or of the root for an empty path. */
export function manifestOf(workspace: string): Manifest {
  return JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as Manifest;
}

/** Every file of a folder with one of these endings, relative to it, without builds and installed packages. */
export function filesOf(folder: string, ending: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(
    (file) => ending.test(file) && !/(?:^|\/)(?:node_modules|dist)\//.test(file),
  );
}

/** A module that runs in production: no test, no part of a contract suite (`contract.ts`, `contract-rows.ts`). */
export function isProduction(file: string): boolean {
  return /\.tsx?$/.test(file) && !TEST_MODULE.test(file);
}

const TEST_MODULE = /\.(?:test(?:-\w+)?|bench|contract)\.tsx?$|(?:^|\/)contract(?:-[a-z-]+)?\.ts$/;

/**
 * The specifiers that a module's text imports: static, for types only, for side effects, re-exported, dynamic, and files
 * named by `new URL('./x.ts', import.meta.url)`, as workers are. A dynamic import of anything but a plain string gives
 * `(computed)`, since nobody can say where that leads.
 */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const named = [STATEMENT, SIDE_EFFECT, CALL, FILE_URL].flatMap((pattern) =>
    [...code.matchAll(pattern)].map(([, , specifier]) => specifier ?? ''),
  );
  return [...named, ...[...code.matchAll(COMPUTED_IMPORT)].map(() => '(computed)')];
}

const STATEMENT = /(?:^|[;}])\s*(?:import|export)\b[^;'"`()=]*?\bfrom\s*(['"])([^'"\n]+)\1/gm;
const SIDE_EFFECT = /(?:^|[;}])\s*import\s*(['"])([^'"\n]+)\1/gm;
const CALL = /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g;
const FILE_URL = /new URL\(\s*(['"])(\.[^'"\n]+\.[jt]sx?)\1\s*,\s*import\.meta\.url/g;
const COMPUTED_IMPORT = /\bimport\s*\(\s*(?!['"\s])/g;

/** Drops comments. A `//` inside of a string goes too, with the rest of its line, which no import shares. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, '').replaceAll(/(?<!:)\/\/.*$/gm, '');
}

/** The package of a specifier: `@hubpulse/api/schemas` gives `@hubpulse/api`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Where a relative specifier leads, relative to the same folder as `file`. */
export function targetOf(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}
