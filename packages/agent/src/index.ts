export {
  createHostCollector,
  type HostCollector,
  type HostCollectorOptions,
  type HostSnapshot,
} from './collector.ts';
export type { Schedule } from './deadline.ts';
export type { HostFiles } from './host-files.ts';
export { hostName } from './host-name.ts';
export type { StatFs, StatFsAnswer } from './linux/filesystem.ts';
export type {
  CpuClock,
  DiskReport,
  FilesystemReport,
  InterfaceReport,
  MemoryReport,
  PortableHost,
} from './portable/port.ts';
export type { HostSample } from './source.ts';
