import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { FileList, TargetGroup } from './scrape-job.ts';

/** How often files are looked at. Reading what looks unchanged waits for `refresh_interval`. */
export const LOOK_INTERVAL_MS = 5000;

/** A group, and the file that it stands in. */
export interface FoundGroup {
  readonly path: string;
  readonly group: TargetGroup;
}

/**
 * Reads the target groups of a file.
 *
 * @throws Error whose message says what is wrong with the file
 */
export type ReadTargetGroups = (path: string) => Promise<readonly TargetGroup[]>;

/** What following the files of a job needs. */
export interface FileTargetsParts {
  readonly lists: readonly FileList[];
  readonly read: ReadTargetGroups;
  readonly clock: Clock;
  /** Told when other groups are found than before. */
  readonly onChange: (groups: readonly FoundGroup[]) => void;
  /** Told once for each file that cannot be read, until it can. */
  readonly onFault: (path: string, error: unknown) => void;
}

interface KnownFile {
  /** Changes when the file does. */
  readonly signature: string;
  readonly readMs: number;
  readonly groups: readonly TargetGroup[];
  readonly isFaulty: boolean;
}

/**
 * Follows the files that list targets. A file that is half written or wrong keeps the targets that it last gave; one that is
 * gone takes its targets with it.
 */
export class FileTargets {
  readonly #parts: FileTargetsParts;
  #files = new Map<string, KnownFile>();
  #shown = '[]';
  #isStopped = false;
  #cancel = (): void => {};
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: FileTargetsParts) {
    this.#parts = parts;
  }

  /** Resolves after the first look. Never rejects. */
  async start(): Promise<void> {
    if (this.#parts.lists.length === 0) return;
    await this.#look();
    this.#scheduleNext();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#looking;
  }

  #scheduleNext(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#parts.clock.schedule(() => {
      this.#looking = this.#look().finally(() => this.#scheduleNext());
    }, LOOK_INTERVAL_MS);
  }

  async #look(): Promise<void> {
    const found = new Map<string, KnownFile>();
    for (const { files, refreshMs } of this.#parts.lists) {
      for (const pattern of files) {
        // oxlint-disable-next-line no-await-in-loop -- A few files; all at once would be no faster and harder to follow.
        for (const path of await expand(pattern)) {
          // oxlint-disable-next-line no-await-in-loop -- The same.
          const file = await this.#lookAt(path, refreshMs);
          if (file !== undefined) found.set(path, file);
        }
      }
    }
    this.#files = found;
    this.#show();
  }

  /** The file as it is now; `undefined` for one that never could be read, or is gone. */
  async #lookAt(path: string, refreshMs: number): Promise<KnownFile | undefined> {
    const { read, clock, onFault } = this.#parts;
    const known = this.#files.get(path);
    const signature = await signatureOf(path);
    const nowMs = clock.nowMs();
    const isFresh = known !== undefined && Math.abs(nowMs - known.readMs) < refreshMs;
    if (isFresh && known.signature === signature) return known;
    try {
      const groups = await read(path);
      return { signature, readMs: nowMs, groups, isFaulty: false };
    } catch (error) {
      if (known?.isFaulty !== true) onFault(path, error);
      const groups = signature === GONE ? [] : (known?.groups ?? []);
      return { signature, readMs: nowMs, groups, isFaulty: true };
    }
  }

  #show(): void {
    const groups = [...this.#files].flatMap(([path, file]) =>
      file.groups.map((group) => ({ path, group })),
    );
    const shown = JSON.stringify(groups);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#parts.onChange(groups);
  }
}

const GONE = 'gone';

/** Differs when a file was written or replaced; files on disks that keep whole seconds are caught by their size. */
async function signatureOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return GONE;
  }
}

/** The files that a path with `*` in its last part names, in order. A path without one names itself. */
async function expand(pattern: string): Promise<string[]> {
  const name = basename(pattern);
  if (!name.includes('*')) return [pattern];
  const folder = dirname(pattern);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return [];
  }
  return names
    .filter((candidate) => matchesStars(name, candidate))
    .toSorted()
    .map((candidate) => join(folder, candidate));
}

/** Whether a name matches a pattern in which `*` stands for any characters. A hidden file needs its dot. */
export function matchesStars(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - at >= last.length && name.endsWith(last);
}
