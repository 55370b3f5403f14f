import type { Mount } from './mounts.ts';

/** File systems without storage of their own, and images that are full by nature (a snap is a squashfs at 100 %). */
const WITHOUT_SPACE: ReadonlySet<string> = new Set([
  'autofs',
  'binder',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'fusectl',
  'hugetlbfs',
  'mqueue',
  'nfsd',
  'nsfs',
  'proc',
  'pstore',
  'ramfs',
  'resctrl',
  'rootfs',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'smackfs',
  'sysfs',
  'tracefs',
  'usbfs',
  'fuse.gvfsd-fuse',
  'fuse.lxcfs',
  'fuse.portal',
  'fuse.snapfuse',
  'fuse.squashfuse',
  'cramfs',
  'erofs',
  'iso9660',
  'romfs',
  'squashfs',
  'udf',
]);

/**
 * Real only as the root: elsewhere an overlay shows again the disk that its layers lie on (one for each container on a
 * container host), and a tmpfs is memory.
 */
const REAL_AS_ROOT_ONLY: ReadonlySet<string> = new Set(['aufs', 'overlay', 'overlayfs', 'tmpfs']);

/** Files that container runtimes bind from the host's disk into every container; nobody keeps data there. */
const BOUND_BY_RUNTIMES: ReadonlySet<string> = new Set([
  '/dev/termination-log',
  '/etc/hostname',
  '/etc/hosts',
  '/etc/resolv.conf',
]);

/** Another machine, or another process, answers for these: a call may hang for as long as that one does. */
const REMOTE =
  /^(?:nfs4?|cifs|smb3?|smbfs|ncpfs|afs|ceph|glusterfs|lustre|gpfs|beegfs|9p|virtiofs|fuse|fuse\..+)$/;

/** Whether a file system's answers come from another machine or process. */
export function isRemote(mount: Mount): boolean {
  return REMOTE.test(mount.type);
}

/**
 * The mounts whose space matters: each file system once. Of several mounts of one, the one that shows its top folder
 * counts, then a writable one, then the shortest path. Of several mounts on one path only the last can be seen.
 */
export function selectRealMounts(mounts: readonly Mount[]): readonly Mount[] {
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  const byDevice = new Map<string, Mount>();
  for (const mount of visible.values()) {
    if (!isReal(mount)) continue;
    const rival = byDevice.get(mount.deviceNumber);
    if (rival === undefined || rank(mount) < rank(rival)) byDevice.set(mount.deviceNumber, mount);
  }
  return [...byDevice.values()];
}

function isReal(mount: Mount): boolean {
  if (WITHOUT_SPACE.has(mount.type) || BOUND_BY_RUNTIMES.has(mount.mountPoint)) return false;
  return mount.mountPoint === '/' || !REAL_AS_ROOT_ONLY.has(mount.type);
}

/** Lower is better. A path has at most 4,096 bytes (PATH_MAX), so each condition outweighs every length. */
function rank(mount: Mount): number {
  return (
    (mount.root === '/' ? 0 : 20_000) + (mount.readOnly ? 10_000 : 0) + mount.mountPoint.length
  );
}
