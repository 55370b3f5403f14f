import type { HostFiles } from '../host-files.ts';
import { quote, tryParseCount } from '../number.ts';
import { createSeriesCache } from '../series-cache.ts';
import {
  createInterfaceSeries,
  type InterfaceSeries,
  type NetworkSeries,
} from '../series/network.ts';
import type { Findings, Source } from '../source.ts';

/** A host with more interfaces than this makes one for each container; their series would cost more than they tell. */
const MAX_INTERFACES = 512;

/** The columns of /proc/net/dev after the name: eight of what came in, eight of what went out. */
const RECEIVE_COLUMN = 0;
const TRANSMIT_COLUMN = 8;
const COLUMNS = 16;

/** Bytes, packets, errors and drops by interface from /proc/net/dev; `lo` and virtual interfaces included. */
export function createNetworkSource(files: HostFiles, procPath: string): Source {
  const series = createSeriesCache<InterfaceSeries>(createInterfaceSeries);
  return {
    name: 'network',
    async read(findings) {
      const text = await files.readText(`${procPath}/net/dev`);
      // Two lines of headings come first.
      const lines = text.split('\n').slice(2).filter(Boolean);
      for (const line of lines.slice(0, MAX_INTERFACES))
        addInterface(findings, line, (name) => series.get(name));
      series.sweep();
      if (lines.length > MAX_INTERFACES) {
        findings.reject(
          `/proc/net/dev: got ${lines.length} interfaces; want at most ${MAX_INTERFACES} (the first are measured)`,
        );
      }
    },
  };
}

/** Kernels before 2.6.39 put no space after the colon, and an alias such as `eth0:1` holds one more. */
function addInterface(
  findings: Findings,
  line: string,
  seriesOf: (name: string) => InterfaceSeries,
): void {
  const colon = line.lastIndexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  const counts = line
    .slice(colon + 1)
    .trim()
    .split(/ +/)
    .map(tryParseCount);
  if (name === '' || counts.length < COLUMNS || counts.includes(undefined)) {
    findings.reject(`/proc/net/dev: got ${quote(line)}; want a name and ${COLUMNS} counters`);
    return;
  }
  const series = seriesOf(name);
  addDirection(findings, series.receive, counts.slice(RECEIVE_COLUMN));
  addDirection(findings, series.transmit, counts.slice(TRANSMIT_COLUMN));
}

function addDirection(
  findings: Findings,
  series: NetworkSeries,
  counts: readonly (number | undefined)[],
): void {
  const [bytes = 0, packets = 0, errors = 0, dropped = 0] = counts;
  findings.add(series.bytes, bytes);
  findings.add(series.packets, packets);
  findings.add(series.errors, errors);
  findings.add(series.dropped, dropped);
}
