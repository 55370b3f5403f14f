import { cpus, loadavg, uptime } from 'node:os';
import type { PortableHost } from './port.ts';

/**
 * Asks the machine through Node's own `os` (CPU, load and uptime, which the library takes from there too) and through
 * systeminformation (the rest: it starts `df`, `vm_stat`, `ioreg`, `netstat` or PowerShell). The library is loaded on the
 * first call.
 */
export function createLibraryHost(): PortableHost {
  let loading: Promise<typeof import('systeminformation')> | undefined;
  const library = async (): Promise<typeof import('systeminformation')> => {
    try {
      return await (loading ??= import('systeminformation'));
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  return {
    cpus: async () => cpus().map(({ times }) => times),
    loadAverages: async () => loadavg(),
    uptimeSeconds: async () => uptime(),
    memory: async () => (await library()).mem(),
    filesystems: async () => (await library()).fsSize(),
    interfaces: async () => (await library()).networkStats('*'),
    async disks() {
      const { disksIO, fsStats } = await library();
      // The library's types leave out that both answer null on systems that do not tell, Windows among them.
      const [operations, bytes] = await Promise.all([
        disksIO() as Promise<{ rIO: number; wIO: number } | null>,
        fsStats() as Promise<{ rx: number; wx: number } | null>,
      ]);
      return {
        reads: operations?.rIO ?? null,
        writes: operations?.wIO ?? null,
        readBytes: bytes?.rx ?? null,
        writtenBytes: bytes?.wx ?? null,
      };
    },
  };
}
