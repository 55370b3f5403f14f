import { isAbsence, type HostFiles } from '../host-files.ts';
import { quote, tryParseCount } from '../number.ts';
import { createSeriesCache } from '../series-cache.ts';
import { createDiskSeries, type DiskSeries } from '../series/disk.ts';
import type { Findings, Source } from '../source.ts';

/** A sector in /proc/diskstats has 512 bytes, whatever the device's own block size (Documentation/block/stat.rst). */
const SECTOR_BYTES = 512;

/** Disks beyond this are left out and said. */
const MAX_DISKS = 512;

/** Major, minor, name and eleven counters (Documentation/admin-guide/iostats.rst); 4.18 and 5.5 added more at the end. */
const COLUMNS = 14;

/** Before 2.6.25 a partition had four counters instead of eleven. */
const OLD_PARTITION_COLUMNS = 7;

/**
 * Not disks, or stacked on disks that are counted themselves: loop devices, RAM disks, optical and floppy drives,
 * device mapper, software RAID, ZFS volumes, bcache, DRBD.
 */
const NOT_A_DISK = /^(?:loop|z?ram|sr|fd|dm-|md_?|zd|bcache|drbd)\d|^md_/;

/** What a partition is called where /sys does not tell: sda1, vdb12, nvme0n1p3, mmcblk0p1, cciss/c0d0p1. */
const PARTITION_NAME = /^(?:(?:sd|hd|vd|xvd)[a-z]+\d+|.*\dp\d+)$/;

/** Bytes, operations and busy time of whole disks from /proc/diskstats. Never of partitions, which would count twice. */
export function createDiskSource(options: {
  readonly files: HostFiles;
  readonly procPath: string;
  readonly sysPath: string;
}): Source {
  const { files, procPath, sysPath } = options;
  const series = createSeriesCache<DiskSeries>(createDiskSeries);
  let known: WholeDisks | undefined;
  return {
    name: 'disk',
    async read(findings) {
      const lines = parseLines(await files.readText(`${procPath}/diskstats`), findings);
      if (known === undefined || lines.some(({ name }) => !known?.asked.has(name))) {
        known = await findWholeDisks(files, sysPath, lines);
      }
      const disks = lines.filter(({ name }) => known?.whole.has(name));
      for (const disk of disks.slice(0, MAX_DISKS)) addDisk(findings, disk, series.get(disk.name));
      series.sweep();
      if (disks.length > MAX_DISKS) {
        findings.reject(
          `/proc/diskstats: got ${disks.length} disks; want at most ${MAX_DISKS} (the first are measured)`,
        );
      }
    },
  };
}

interface DiskLine {
  readonly name: string;
  readonly counts: readonly number[];
}

/** Which of the devices asked about are whole disks. Looked up again when a new name appears. */
interface WholeDisks {
  readonly asked: ReadonlySet<string>;
  readonly whole: ReadonlySet<string>;
}

async function findWholeDisks(
  files: HostFiles,
  sysPath: string,
  lines: readonly DiskLine[],
): Promise<WholeDisks> {
  const listed = await tryListBlockDevices(files, `${sysPath}/block`);
  const isWhole = (name: string): boolean =>
    listed === undefined ? !PARTITION_NAME.test(name) : listed.has(name);
  const names = lines.map(({ name }) => name);
  return {
    asked: new Set(names),
    whole: new Set(names.filter((name) => !NOT_A_DISK.test(name) && isWhole(name))),
  };
}

/** The folder holds whole devices only. A slash in a name (`cciss/c0d0`) stands there as an exclamation mark. */
async function tryListBlockDevices(
  files: HostFiles,
  path: string,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const names = await files.list(path);
    return names.length === 0 ? undefined : new Set(names.map((name) => name.replaceAll('!', '/')));
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function parseLines(text: string, findings: Findings): readonly DiskLine[] {
  const disks: DiskLine[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const fields = line.trim().split(/ +/);
    const name = fields[2] ?? '';
    if (fields.length === OLD_PARTITION_COLUMNS || NOT_A_DISK.test(name)) continue;
    const counts = fields.slice(3, COLUMNS).map(tryParseCount);
    if (counts.length === COLUMNS - 3 && counts.every((count) => count !== undefined)) {
      disks.push({ name, counts });
    } else findings.reject(`/proc/diskstats: got ${quote(line)}; want ${COLUMNS} columns or more`);
  }
  return disks;
}

function addDisk(findings: Findings, disk: DiskLine, series: DiskSeries): void {
  const [reads = 0, , sectorsRead = 0, , writes = 0, , sectorsWritten = 0, , , busyMs = 0] =
    disk.counts;
  findings.add(series.readBytes, sectorsRead * SECTOR_BYTES);
  findings.add(series.writtenBytes, sectorsWritten * SECTOR_BYTES);
  findings.add(series.reads, reads);
  findings.add(series.writes, writes);
  findings.add(series.ioTime, busyMs / 1000);
}
