import type { HostFiles } from '../host-files.ts';
import { createSeries } from '../series-cache.ts';
import type { Source } from '../source.ts';

const COUNT = createSeries('system_process_count');

/** How many processes /proc shows: the host's, or the container's own. States would cost a file read a process. */
export function createProcessesSource(files: HostFiles, procPath: string): Source {
  return {
    name: 'processes',
    async read(findings) {
      const names = await files.list(procPath);
      findings.add(COUNT, names.filter(isPid).length);
    },
  };
}

function isPid(name: string): boolean {
  const first = name.codePointAt(0) ?? 0;
  return first >= 0x30 && first <= 0x39;
}
