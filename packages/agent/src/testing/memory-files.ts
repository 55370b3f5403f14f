import type { HostFiles } from '../host-files.ts';

/** The contents of files by path; a `*.list` entry holds the names in a folder, one a line. */
export type FileTree = Readonly<Record<string, string>>;

/** Files that exist only in memory. `tree` is asked on every read, so that a test can change it. */
export function createMemoryFiles(tree: () => FileTree): HostFiles {
  const readText = async (path: string): Promise<string> => {
    const text = tree()[path];
    if (text === undefined) throw notFound(path);
    return text;
  };
  return {
    readText,
    list: async (path) => (await readText(`${path}.list`)).split('\n'),
  };
}

/** The error that the system gives for a missing file. */
function notFound(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
    code: 'ENOENT',
  });
}
