import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './project.mjs';

/**
 * Completes `package-lock.json` after `npm install`: `node scripts/complete-lock.mjs`.
 *
 * Tools with native parts name one package for each platform. npm leaves those out of the lock file that the registry
 * in use does not carry (mirrors often hold only some platforms), and then `npm ci` refuses the lock file everywhere:
 * `EUSAGE … Missing: … from lock file`. An entry with the platform alone heals that: npm skips what is for another
 * platform before it asks for it.
 */

/** @typedef {{ version?: string, dev?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[], optionalDependencies?: Record<string, string> }} Entry */

/**
 * The entries that are missing, by their place.
 *
 * @param {Record<string, Entry>} packages The lock file's `packages`.
 * @returns {Record<string, Entry>}
 */
export function missingEntries(packages) {
  /** @type {Record<string, Entry>} */
  const missing = {};
  for (const [place, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const platform = platformOf(name);
      if (platform === undefined || isFound(packages, place, name)) continue;
      missing[`node_modules/${name}`] = {
        version,
        ...platform,
        ...(dev ? { dev } : {}),
        optional: true,
      };
    }
  }
  return missing;
}

/**
 * Whether a package that stands at `place` finds `name`, in its own folder or in one around it.
 *
 * @param {Record<string, Entry>} packages
 * @param {string} place
 * @param {string} name
 */
function isFound(packages, place, name) {
  const outward = place.split('/node_modules/').map((_, index, all) => all.slice(0, index + 1));
  const folders = ['', ...outward.map((part) => `${part.join('/node_modules/')}/`)];
  return folders.some((folder) => packages[`${folder}node_modules/${name}`] !== undefined);
}

/** The names of npm's `os` and `cpu` fields that packages carry in their own names. */
const SYSTEM = /^(?:aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)$/;
const PROCESSOR = /^(?:arm|arm64|ia32|loong64|ppc64|riscv64|s390x|x64|wasm32)$/;

/**
 * The platform that a package's name tells, in npm's words.
 *
 * @param {string} name Such as `@oxlint/binding-linux-arm64-musl`.
 * @returns {Pick<Entry, 'os' | 'cpu' | 'libc'> | undefined}
 */
export function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => SYSTEM.test(word));
  const cpu = words.filter((word) => PROCESSOR.test(word));
  if (cpu.length !== 1 || os.length > 1) return undefined;
  const libc = words.map((word) => libcOf(word)).filter(Boolean);
  return { ...(os.length > 0 ? { os } : {}), cpu, ...(libc.length > 0 ? { libc } : {}) };
}

/** @param {string} word Such as `musl`, `gnueabihf`, `msvc`. */
function libcOf(word) {
  if (word.startsWith('musl')) return 'musl';
  return word.startsWith('gnu') ? 'glibc' : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(root, 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock.packages);
  lock.packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...missing }).toSorted(([a], [b]) =>
      a.localeCompare(b, 'en'),
    ),
  );
  writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
  console.log(`package-lock.json: ${Object.keys(missing).length} entries added`);
}
