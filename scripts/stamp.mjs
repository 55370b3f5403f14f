import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, stampFolder } from './project.mjs';

/** Folders that never hold an input. */
const SKIPPED = new Set(['node_modules', 'dist', 'bench', 'fixtures', '.cache']);

/**
 * The digest of files and folders, over names and contents: the same tree gives the same digest in every clone, whatever
 * its time stamps. Tests are left out, since nothing that is built from them is run. A missing path counts as empty.
 *
 * @param {readonly string[]} inputs Paths relative to `base`.
 * @param {string} [base]
 * @returns {string}
 */
export function digestOf(inputs, base = root) {
  const hash = createHash('sha256');
  for (const input of inputs)
    for (const file of filesUnder(base, input)) {
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(base, file)))
        .update('\0');
    }
  return hash.digest('hex');
}

/**
 * @param {string} base
 * @param {string} path
 * @returns {string[]} Relative to `base`, sorted.
 */
function filesUnder(base, path) {
  const stats = statSync(join(base, path), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(join(base, path), { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name) && !/\.(test(-\w+)?|bench)\.tsx?$/.test(entry.name))
    .map((entry) => `${path}/${entry.name}`)
    .toSorted()
    .flatMap((file) => filesUnder(base, file));
}

/**
 * Whether the stamp of that name holds that digest.
 *
 * @param {string} name
 * @param {string} digest
 * @param {string} [folder]
 */
export function isStamped(name, digest, folder = stampFolder) {
  try {
    return readFileSync(join(folder, name), 'utf8') === digest;
  } catch {
    return false;
  }
}

/**
 * Remembers the digest under that name.
 *
 * @param {string} name
 * @param {string} digest
 * @param {string} [folder]
 */
export function writeStamp(name, digest, folder = stampFolder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), digest);
}
