import type { Labels } from '@hubpulse/model';
import { createSeries, createSeriesCache, type SeriesCache } from '../series-cache.ts';
import type { Findings } from '../source.ts';

/** Where a file system is. */
interface FilesystemId {
  readonly mountPoint: string;
  readonly device: string;
  readonly type: string;
  readonly readOnly: boolean;
}

/** The space of a file system in bytes. */
export interface FilesystemSpace {
  readonly usedBytes: number;
  /** Free to everybody: `df`'s Available. */
  readonly freeBytes: number;
  /** Free to root only. */
  readonly reservedBytes: number;
}

interface FilesystemSeries {
  readonly limit: Labels;
  readonly used: Labels;
  readonly free: Labels;
  readonly reserved: Labels;
  readonly utilization: Labels;
}

/** Adds the series of file systems; labels are built once for each. */
export interface FilesystemMetrics {
  /** Utilization is used / (used + free), which `df` rounds up to its Use%; it is left out of an empty file system. */
  add(findings: Findings, id: FilesystemId, space: FilesystemSpace): void;
  sweep(): void;
}

/** Makes the series of file systems. */
export function createFilesystemMetrics(): FilesystemMetrics {
  const cache: SeriesCache<FilesystemSeries> = createSeriesCache(buildSeries);
  return {
    add(findings, id, space) {
      const series = cache.get(keyOf(id));
      const { usedBytes, freeBytes, reservedBytes } = space;
      findings.add(series.limit, usedBytes + freeBytes + reservedBytes);
      findings.add(series.used, usedBytes);
      findings.add(series.free, freeBytes);
      findings.add(series.reserved, reservedBytes);
      const reachableBytes = usedBytes + freeBytes;
      if (reachableBytes > 0) findings.add(series.utilization, usedBytes / reachableBytes);
    },
    sweep: () => cache.sweep(),
  };
}

/** A path holds no NUL, so the parts cannot run into each other. */
function keyOf(id: FilesystemId): string {
  return `${id.mountPoint}\0${id.device}\0${id.type}\0${id.readOnly ? 'ro' : 'rw'}`;
}

function buildSeries(key: string): FilesystemSeries {
  const [mountPoint = '', device = '', type = '', mode = ''] = key.split('\0');
  const labels = {
    system_filesystem_mountpoint: mountPoint,
    system_device: device,
    system_filesystem_type: type,
    system_filesystem_mode: mode,
  };
  const inState = (state: string): Labels =>
    createSeries('system_filesystem_usage_bytes', { ...labels, system_filesystem_state: state });
  return {
    limit: createSeries('system_filesystem_limit_bytes', labels),
    used: inState('used'),
    free: inState('free'),
    reserved: inState('reserved'),
    utilization: createSeries('system_filesystem_utilization_ratio', labels),
  };
}
