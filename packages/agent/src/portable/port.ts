/** Time of one logical CPU since boot by what it did, milliseconds; as `os.cpus()` of Node gives it. */
export interface CpuClock {
  readonly user: number;
  readonly nice: number;
  readonly sys: number;
  readonly idle: number;
  readonly irq: number;
}

/** Memory in bytes, as `mem()` of systeminformation gives it. */
export interface MemoryReport {
  readonly total: number;
  readonly free: number;
  readonly available: number;
  readonly buffers: number;
  readonly cached: number;
  readonly swaptotal: number;
  readonly swapfree: number;
}

/** One file system in bytes, as `fsSize()` gives it. */
export interface FilesystemReport {
  readonly fs: string;
  readonly type: string;
  readonly size: number;
  readonly used: number;
  readonly available: number;
  readonly mount: string;
  /** `null` where the system does not tell. */
  readonly rw: boolean | null;
}

/** All disks together since boot; `null` where the system does not tell (Windows tells neither). */
export interface DiskReport {
  /** From `disksIO()`. */
  readonly reads: number | null;
  readonly writes: number | null;
  /** From `fsStats()`. */
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
}

/** One network interface since boot, as `networkStats('*')` gives it. */
export interface InterfaceReport {
  readonly iface: string;
  readonly rx_bytes: number;
  readonly rx_dropped: number;
  readonly rx_errors: number;
  readonly tx_bytes: number;
  readonly tx_dropped: number;
  readonly tx_errors: number;
}

/** What we ask of systems other than Linux. A call rejects when the system or the library fails. */
export interface PortableHost {
  cpus(): Promise<readonly CpuClock[]>;
  /** Over 1, 5 and 15 minutes. */
  loadAverages(): Promise<readonly number[]>;
  uptimeSeconds(): Promise<number>;
  memory(): Promise<MemoryReport>;
  filesystems(): Promise<readonly FilesystemReport[]>;
  disks(): Promise<DiskReport>;
  interfaces(): Promise<readonly InterfaceReport[]>;
}
