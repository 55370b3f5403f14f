import type { HostFiles } from '../host-files.ts';
import { quote, tryParseDecimal } from '../number.ts';
import { UPTIME } from '../series/cpu.ts';
import type { Source } from '../source.ts';

/** Seconds since the host booted, from /proc/uptime. */
export function createUptimeSource(files: HostFiles, procPath: string): Source {
  return {
    name: 'uptime',
    async read(findings) {
      const text = await files.readText(`${procPath}/uptime`);
      const seconds = tryParseDecimal(text.split(' ')[0]);
      if (seconds === undefined) throw new Error(`/proc/uptime: got ${quote(text)}; want seconds`);
      findings.add(UPTIME, seconds);
    },
  };
}
