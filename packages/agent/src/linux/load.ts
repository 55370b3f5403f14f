import type { HostFiles } from '../host-files.ts';
import { quote, tryParseDecimal } from '../number.ts';
import { LOAD_AVERAGES } from '../series/cpu.ts';
import type { Source } from '../source.ts';

/** Load averages of 1, 5 and 15 minutes from /proc/loadavg. */
export function createLoadSource(files: HostFiles, procPath: string): Source {
  return {
    name: 'load',
    async read(findings) {
      const text = await files.readText(`${procPath}/loadavg`);
      const fields = text.split(' ');
      for (const [index, series] of LOAD_AVERAGES.entries()) {
        const load = tryParseDecimal(fields[index]);
        if (load !== undefined) findings.add(series, load);
        else findings.reject(`/proc/loadavg: got ${quote(text)}; want three load averages`);
      }
    },
  };
}
