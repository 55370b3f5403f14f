/**
 * What a collect costs, ours and systeminformation's, measured side by side: CPU of this process and of the children it
 * waits for, and wall time; medians of interleaved rounds. Run it on an idle machine:
 *
 *   node --conditions=@hubpulse/source packages/agent/bench/collect.ts [rounds]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { createHostCollector } from '../src/index.ts';

/** Collects of ours in one round: one alone would be lost in the 1 ms or so that the clock of CPU time may err by. */
const COLLECTS_A_ROUND = 20;

/** Of the library's, fewer: each takes longer. Together they must outlast the 10 ms by which its children's CPU time may err. */
const LIBRARY_COLLECTS_A_ROUND = 5;

const DEFAULT_ROUNDS = 15;

/** The interval that the limit is stated for. */
const INTERVAL_MS = 5000;

/** Half a percent of a core at that interval. */
const LIMIT_MS = INTERVAL_MS * 0.005;

interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** CPU time of children that ended, in USER_HZ ticks of 10 ms: fields 16 and 17 of /proc/self/stat (proc(5)). */
function childrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[13]) + Number(fields[14]));
}

async function costOf(collect: () => Promise<unknown>, times: number): Promise<Cost> {
  const children = childrenCpuMs();
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let done = 0; done < times; done += 1) {
    // The cost of one after the other is what is asked.
    // oxlint-disable-next-line no-await-in-loop
    await collect();
  }
  const wallMs = (performance.now() - began) / times;
  const used = process.cpuUsage(cpu);
  const cpuMs = ((used.user + used.system) / 1000 + childrenCpuMs() - children) / times;
  return { cpuMs, wallMs };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(name: string, costs: readonly Cost[]): string {
  const cpuMs = median(costs.map((cost) => cost.cpuMs));
  const wallMs = median(costs.map((cost) => cost.wallMs));
  const share = (100 * cpuMs) / INTERVAL_MS;
  return `${name.padEnd(18)} CPU ${cpuMs.toFixed(3).padStart(8)} ms  ${share.toFixed(4).padStart(7)} % of a core at 5 s  wall ${wallMs.toFixed(2).padStart(8)} ms\n`;
}

const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
  process.stderr.write(`rounds: got ${process.argv[2]}; want a whole number from 1 to 1000\n`);
  process.exit(2);
}

const clocks = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
const ours = createHostCollector(clocks);
// Any name but linux takes the way through the library, which then looks at the real system itself.
const library = createHostCollector({ ...clocks, platform: 'freebsd' });
await ours.collect();
await library.collect();

const costs = { ours: [] as Cost[], library: [] as Cost[] };
for (let round = 0; round < rounds; round += 1) {
  // The rounds take turns, so that a busy moment of the machine hits both.
  // oxlint-disable-next-line no-await-in-loop
  costs.ours.push(await costOf(() => ours.collect(), COLLECTS_A_ROUND));
  // oxlint-disable-next-line no-await-in-loop
  costs.library.push(await costOf(() => library.collect(), LIBRARY_COLLECTS_A_ROUND));
}

const { samples } = await ours.collect();
const processors = cpus();
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
process.stdout.write(
  `${processors.length} × ${processors[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${process.version}, ${commit}\n`,
);
process.stdout.write(`${samples.length} samples a collect, medians of ${rounds} rounds\n`);
process.stdout.write(report('hubpulse agent', costs.ours));
process.stdout.write(report('systeminformation', costs.library));
const withinLimit = median(costs.ours.map((cost) => cost.cpuMs)) < LIMIT_MS;
process.stdout.write(`limit ${LIMIT_MS} ms: ${withinLimit ? 'kept' : 'exceeded'}\n`);
process.exitCode = withinLimit ? 0 : 1;
