import type { Labels } from '@hubpulse/model';
import { createSeries } from '../series-cache.ts';

/** The series of one disk. */
export interface DiskSeries {
  readonly readBytes: Labels;
  readonly writtenBytes: Labels;
  readonly reads: Labels;
  readonly writes: Labels;
  readonly ioTime: Labels;
}

/** Builds the series of a disk. An empty `device` means all disks together, where the system tells no more. */
export function createDiskSeries(device: string): DiskSeries {
  const directed = (metric: string, direction: string): Labels =>
    createSeries(metric, { system_device: device, disk_io_direction: direction });
  return {
    readBytes: directed('system_disk_io_bytes_total', 'read'),
    writtenBytes: directed('system_disk_io_bytes_total', 'write'),
    reads: directed('system_disk_operations_total', 'read'),
    writes: directed('system_disk_operations_total', 'write'),
    ioTime: createSeries('system_disk_io_time_seconds_total', { system_device: device }),
  };
}
