import { open, readdir, type FileHandle } from 'node:fs/promises';

/** How the Linux sources read files. Another implementation serves a captured tree in tests. */
export interface HostFiles {
  /** The whole text of a small file. Rejects with the system's error, or when it holds over 4 MiB. */
  readText(path: string): Promise<string>;
  /** The names in a folder, in no order. */
  list(path: string): Promise<readonly string[]>;
}

/** A machine with 1,000 CPUs has a /proc/stat of about 300 KB, and 10,000 mounts make 2 MB: more than 4 MiB is a mistake. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Most files fit: of a common machine's, /proc/stat is the largest with 2 to 12 KB. */
const FIRST_READ_BYTES = 16 * 1024;

/** Reads this machine's files, without blocking and without trusting sizes: files in /proc say 0. */
export function createHostFiles(): HostFiles {
  return {
    async readText(path) {
      const handle = await open(path, 'r');
      try {
        return await readAll(handle, path);
      } finally {
        await handle.close();
      }
    },
    list: (path) => readdir(path),
  };
}

/** The text of a file, or `undefined` when there is none: also when its cgroup or process went away while we read. */
export async function tryReadText(files: HostFiles, path: string): Promise<string | undefined> {
  try {
    return await files.readText(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether an error says that the thing does not exist. The kernel answers ENODEV for files of a removed cgroup. */
export function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENODEV';
}

async function readAll(handle: FileHandle, path: string): Promise<string> {
  let buffer = Buffer.allocUnsafe(FIRST_READ_BYTES);
  let length = 0;
  for (;;) {
    // Each read goes on where the one before ended, so they cannot run side by side.
    // oxlint-disable-next-line no-await-in-loop
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.toString('utf8', 0, length);
    length += bytesRead;
    if (length > MAX_FILE_BYTES) throw tooLarge(path);
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(length)]);
  }
}

function tooLarge(path: string): Error {
  return new Error(`${path}: got more than ${MAX_FILE_BYTES} bytes; want a kernel file below that`);
}
