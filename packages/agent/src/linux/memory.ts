import { tryReadText, type HostFiles } from '../host-files.ts';
import { quote, tryParseCount } from '../number.ts';
import { addAvailable, addMemory, addSwap, type Memory } from '../series/memory.ts';
import type { Findings, Source } from '../source.ts';
import type { Cgroups } from './cgroup.ts';

/** The lines of /proc/meminfo that we use, in bytes. */
type Meminfo = ReadonlyMap<string, number>;

const USED_LINES: ReadonlySet<string> = new Set([
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'Shmem',
  'Active(file)',
  'Inactive(file)',
  'SReclaimable',
  'SwapTotal',
  'SwapFree',
]);

/**
 * Memory and swap from /proc/meminfo. Inside a container whose memory limit is below the host's total, memory is the
 * cgroup's: its limit, and its usage without the file cache that can be dropped at once.
 */
export function createMemorySource(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly cgroups: Cgroups;
}): Source {
  const { files, procPath, cgroups } = options;
  return {
    name: 'memory',
    async read(findings) {
      const meminfo = parseMeminfo(await files.readText(`${procPath}/meminfo`), findings);
      addSwapOf(findings, meminfo);
      const limit = await cgroups.memory();
      const totalBytes = required(meminfo, 'MemTotal');
      const ofHost = async (): Promise<Memory> =>
        hostMemory(
          meminfo,
          () => tryReadText(files, `${procPath}/sys/vm/min_free_kbytes`),
          totalBytes,
        );
      const memory = limit !== undefined && limit.limitBytes < totalBytes ? limit : await ofHost();
      addMemory(findings, memory);
      addAvailable(findings, memory);
    },
  };
}

function addSwapOf(findings: Findings, meminfo: Meminfo): void {
  const totalBytes = meminfo.get('SwapTotal');
  const freeBytes = meminfo.get('SwapFree');
  if (totalBytes === undefined || freeBytes === undefined) return;
  addSwap(findings, { totalBytes, freeBytes });
}

async function hostMemory(
  meminfo: Meminfo,
  readMinFree: () => Promise<string | undefined>,
  limitBytes: number,
): Promise<Memory> {
  const availableBytes =
    meminfo.get('MemAvailable') ??
    estimateAvailable(meminfo, tryParseCount((await readMinFree())?.trim()) ?? 0);
  return {
    limitBytes,
    availableBytes,
    freeBytes: required(meminfo, 'MemFree'),
    // The kernel gives reclaimable slabs back like the page cache; `free` counts both as cache.
    cachedBytes: (meminfo.get('Cached') ?? 0) + (meminfo.get('SReclaimable') ?? 0),
    buffersBytes: meminfo.get('Buffers'),
  };
}

/**
 * What MemAvailable (Linux 3.14) would say, by the kernel's own formula (commit 34e431b0ae39, `si_mem_available`) with the
 * low watermark taken as 5/4 of min_free_kbytes, as procps does: free memory above the low watermark, plus the file
 * cache and the reclaimable slabs, of each of which half or one low watermark has to stay. Before 2.6.28 there are no
 * lists of file pages; then page cache and buffers without shared memory stand for them.
 */
function estimateAvailable(meminfo: Meminfo, minFreeKib: number): number {
  const get = (line: string): number => meminfo.get(line) ?? 0;
  const lowBytes = (minFreeKib * 1024 * 5) / 4;
  const fileBytes = meminfo.has('Inactive(file)')
    ? get('Active(file)') + get('Inactive(file)')
    : Math.max(0, get('Cached') + get('Buffers') - get('Shmem'));
  const spare = (bytes: number): number => bytes - Math.min(bytes / 2, lowBytes);
  return Math.max(0, get('MemFree') - lowBytes + spare(fileBytes) + spare(get('SReclaimable')));
}

function parseMeminfo(text: string, findings: Findings): Meminfo {
  const bytes = new Map<string, number>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!USED_LINES.has(name)) continue;
    const kib = tryParseCount(/^\s*(\d+) kB$/.exec(line.slice(colon + 1))?.[1]);
    if (kib === undefined) findings.reject(`/proc/meminfo: got ${quote(line)}; want a size in kB`);
    else bytes.set(name, kib * 1024);
  }
  return bytes;
}

function required(meminfo: Meminfo, line: string): number {
  const bytes = meminfo.get(line);
  if (bytes === undefined || (bytes === 0 && line === 'MemTotal')) {
    throw new Error(`/proc/meminfo: got ${bytes === 0 ? 'no memory' : 'no line'}; want ${line}`);
  }
  return bytes;
}
