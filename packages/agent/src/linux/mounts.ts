import { quote } from '../number.ts';

/** One line of /proc/self/mountinfo (Documentation/filesystems/proc.rst, 3.5). */
export interface Mount {
  /** `major:minor`: the same for all mounts of one file system. */
  readonly deviceNumber: string;
  /** Which folder of the file system is mounted: `/`, or another for a bind mount. */
  readonly root: string;
  readonly mountPoint: string;
  readonly readOnly: boolean;
  readonly type: string;
  /** The device or the remote path; empty where there is none. */
  readonly source: string;
  /** Options of the file system itself, such as the controllers of a cgroup hierarchy. */
  readonly superOptions: readonly string[];
}

/** Reads mountinfo. A line that is not one is skipped and given to `reject`. */
export function parseMounts(text: string, reject: (problem: string) => void): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const mount = tryParseMount(line);
    if (mount === undefined) reject(`/proc/self/mountinfo: got ${quote(line)}; want a mount`);
    else mounts.push(mount);
  }
  return mounts;
}

/**
 * `36 35 98:0 /root /mount/point rw,noatime master:1 - ext4 /dev/root rw,errors=continue`: any number of optional fields
 * stand before the lone hyphen.
 */
function tryParseMount(line: string): Mount | undefined {
  const fields = line.split(' ');
  const hyphen = fields.indexOf('-', 6);
  const [, , deviceNumber = '', root = '', mountPoint = '', options = ''] = fields;
  const type = fields[hyphen + 1];
  if (hyphen < 0 || !type || !/^\d+:\d+$/.test(deviceNumber) || !mountPoint.startsWith('/')) {
    return undefined;
  }
  return {
    deviceNumber,
    root: decodeOctal(root),
    mountPoint: decodeOctal(mountPoint),
    readOnly: options.split(',').includes('ro'),
    type,
    source: decodeOctal(fields[hyphen + 2] ?? ''),
    superOptions: (fields[hyphen + 3] ?? '').split(','),
  };
}

/** The kernel writes space, tab, line feed, backslash and number sign as three octal digits: `\040`. */
function decodeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 8)),
  );
}
