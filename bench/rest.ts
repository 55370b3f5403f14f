/**
 * Measures what Hubpulse costs while nothing happens: CPU and resident memory of the server with a 5 s agent and one
 * open dashboard, over ten minutes (or the number of minutes given).
 *
 * Run: npm run bench -- rest [minutes]
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { launchChromium } from '../test/harness/browser.ts';
import { startHubpulse, temporaryDirectory } from '../test/harness/hubpulse-process.ts';
import { machine } from './machine.ts';

/** Linux counts a process' CPU time in ticks of 10 ms. */
const TICKS_PER_SECOND = 100;

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) throw new Error(`got ${process.argv[2]} minutes; want a number over 0`);

/** CPU seconds that a process has used, all its threads together. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function residentMb(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) / 1024;
}

const directory = await temporaryDirectory();
const server = await startHubpulse(directory.path);
const pid = server.child.pid ?? 0;
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${server.url}/?range=1h`);
await page.waitForSelector('[data-testid="card-cpu"][data-state="ready"]');

console.log(
  `${machine()}\n\n| minute | CPU since the one before, % of a core | RSS, MB |\n|---|---|---|`,
);
const firstCpu = cpuSeconds(pid);
let lastCpu = firstCpu;
for (let minute = 1; minute <= minutes; minute++) {
  // oxlint-disable-next-line no-await-in-loop -- A minute passes.
  await pause(60_000);
  const cpu = cpuSeconds(pid);
  console.log(
    `| ${minute} | ${(((cpu - lastCpu) / 60) * 100).toFixed(2)} | ${residentMb(pid).toFixed(0)} |`,
  );
  lastCpu = cpu;
}
console.log(
  `\nmean CPU: ${(((lastCpu - firstCpu) / (minutes * 60)) * 100).toFixed(2)} % of a core; aim < 2`,
);
console.log(`RSS at the end: ${residentMb(pid).toFixed(0)} MB; aim ≤ 200`);

await browser.close();
await server.stop();
await directory.remove();
