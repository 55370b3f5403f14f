import { statfs } from 'node:fs/promises';
import { createDeadline, type Deadline, type Schedule } from './deadline.ts';
import { createFailureLedger, type FailureLedger } from './failure-ledger.ts';
import { createHostFiles, type HostFiles } from './host-files.ts';
import type { StatFs } from './linux/filesystem.ts';
import { createLinuxSources } from './linux/sources.ts';
import type { PortableHost } from './portable/port.ts';
import { createPortableSources } from './portable/sources.ts';
import { createLibraryHost } from './portable/systeminformation.ts';
import { createFindings, type HostSample, type Source } from './source.ts';

/** What one collect found. */
export interface HostSnapshot {
  /** When the collect began, Unix milliseconds. */
  readonly tMs: number;
  /** In no promised order, each series at most once; no label names the host: whoever stores them adds it. */
  readonly samples: readonly HostSample[];
}

/** Measures this host. */
export interface HostCollector {
  /**
   * Reads every source once, side by side, without blocking the event loop; 20 to 100 small reads on Linux. Never
   * rejects: a source that fails costs its own samples. A call during another gets that one's snapshot. Shares of CPU
   * time are of the time since the collect before, so the first one has none.
   */
  collect(): Promise<HostSnapshot>;
  /** Collects in which a source failed, wholly or in part, by source; sources that never failed are absent. */
  failures(): ReadonlyMap<string, number>;
}

/** What a collector needs. Everything but the clocks has the machine's own as default. */
export interface HostCollectorOptions {
  /** Wall-clock time, Unix milliseconds. */
  readonly nowMs: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** Hears of a source's first failure and of each first one after it had recovered. It must not throw. */
  readonly onSourceFailure?: (source: string, error: Error) => void;
  readonly schedule?: Schedule;
  /** `linux` reads /proc and /sys; anything else asks the library systeminformation. */
  readonly platform?: NodeJS.Platform;
  readonly procPath?: string;
  readonly sysPath?: string;
  readonly statfs?: StatFs;
  readonly files?: HostFiles;
  /** How other systems than Linux are asked. */
  readonly portableHost?: PortableHost;
}

/** Sources answer in milliseconds; one that is silent for as long as this is left out until it answers. */
const SOURCE_TIMEOUT_MS = 10_000;

/** Makes a collector. It starts nothing: whoever owns the interval calls `collect`. */
export function createHostCollector(options: HostCollectorOptions): HostCollector {
  const { nowMs, schedule = scheduleTimer, onSourceFailure = () => undefined } = options;
  const sources = createSources(options, schedule);
  const ledger = createFailureLedger(onSourceFailure);
  const deadline = createDeadline({ timeoutMs: SOURCE_TIMEOUT_MS, schedule });
  const collectOnce = async (): Promise<HostSnapshot> => {
    const tMs = nowMs();
    const parts = await Promise.all(
      sources.map((source) => readSource(source, { ledger, deadline })),
    );
    return { tMs, samples: parts.flat() };
  };
  let running: Promise<HostSnapshot> | undefined;
  return {
    failures: () => ledger.counts,
    collect() {
      running ??= collectOnce().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

function createSources(options: HostCollectorOptions, schedule: Schedule): readonly Source[] {
  const { platform = process.platform, monotonicMs } = options;
  if (platform !== 'linux') {
    return createPortableSources(options.portableHost ?? createLibraryHost(), platform);
  }
  return createLinuxSources({
    files: options.files ?? createHostFiles(),
    procPath: options.procPath ?? '/proc',
    sysPath: options.sysPath ?? '/sys',
    statfs: options.statfs ?? ((path) => statfs(path)),
    schedule,
    monotonicMs,
  });
}

async function readSource(
  source: Source,
  { ledger, deadline }: { readonly ledger: FailureLedger; readonly deadline: Deadline },
): Promise<readonly HostSample[]> {
  const findings = createFindings();
  try {
    await deadline.run(source.name, () => source.read(findings));
  } catch (error) {
    ledger.failed(source.name, error instanceof Error ? error : new Error(String(error)));
    return [];
  }
  const problem = findings.error();
  if (problem === undefined) ledger.recovered(source.name);
  else ledger.failed(source.name, problem);
  return findings.samples;
}

/** The timer keeps no process alive. */
function scheduleTimer(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}
