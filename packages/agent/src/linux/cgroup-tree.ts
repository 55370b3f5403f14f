import type { Mount } from './mounts.ts';

/** A controller that can limit us. */
export type Controller = 'cpu' | 'cpuacct' | 'memory';

/** The folders in which one controller describes our cgroup and those above it. */
export interface ControllerFolders {
  readonly version: 1 | 2;
  /** Our own cgroup first, the top of what is mounted last; at least one. A folder need not exist. */
  readonly folders: readonly string[];
}

/** Deeper trees exist nowhere; the bound is for a hostile file. */
const MAX_DEPTH = 32;

/** Only paths below it are moved to where /sys really is. */
const SYS = '/sys/';

/**
 * Finds a controller's folders from /proc/self/cgroup and the mounts. On a machine with both versions a controller
 * belongs to the first version's hierarchy when that one is mounted, else to the second's. `undefined` when we are in no
 * cgroup of that controller, or none is mounted.
 */
export function findFolders(options: {
  readonly controller: Controller;
  readonly selfCgroup: string;
  readonly mounts: readonly Mount[];
  readonly sysPath: string;
}): ControllerFolders | undefined {
  const { controller, selfCgroup, mounts, sysPath } = options;
  const paths = parseSelfCgroup(selfCgroup);
  const first = paths.find(({ controllers }) => controllers.includes(controller));
  const firstMount = mounts.find(
    ({ type, superOptions }) => type === 'cgroup' && superOptions.includes(controller),
  );
  if (first !== undefined && firstMount !== undefined) {
    return { version: 1, folders: foldersUpwards(firstMount, first.path, sysPath) };
  }
  const second = paths.find(({ hierarchy }) => hierarchy === '0');
  const secondMount = mounts.find(({ type }) => type === 'cgroup2');
  if (second === undefined || secondMount === undefined) return undefined;
  return { version: 2, folders: foldersUpwards(secondMount, second.path, sysPath) };
}

interface SelfCgroup {
  /** `0` is the second version's only hierarchy. */
  readonly hierarchy: string;
  readonly controllers: readonly string[];
  readonly path: string;
}

/** Lines of `hierarchy:controller,controller:path` (cgroups(7)); a path may hold colons. */
function parseSelfCgroup(text: string): readonly SelfCgroup[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (match === null) return [];
    const [, hierarchy = '', controllers = '', path = ''] = match;
    return [{ hierarchy, controllers: controllers.split(','), path }];
  });
}

function foldersUpwards(mount: Mount, path: string, sysPath: string): readonly string[] {
  const top = mount.mountPoint.startsWith(SYS)
    ? `${sysPath}/${mount.mountPoint.slice(SYS.length)}`
    : mount.mountPoint;
  const names = relativeNames(mount.root, path);
  return Array.from({ length: names.length + 1 }, (_, up) =>
    [top, ...names.slice(0, names.length - up)].join('/'),
  );
}

/**
 * The way from a mount's root down to our cgroup. Where our path does not lie below that root (another cgroup namespace
 * wrote it, `/../..`), what is mounted is as close as we get.
 */
function relativeNames(root: string, path: string): readonly string[] {
  const below = root === '/' ? '' : root;
  if (path !== below && !path.startsWith(`${below}/`)) return [];
  const names = path
    .slice(below.length)
    .split('/')
    .filter((name) => name !== '');
  return names.includes('..') || names.includes('.') ? [] : names.slice(0, MAX_DEPTH);
}
