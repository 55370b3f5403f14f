import type { Labels } from '@hubpulse/model';
import { createSeries } from '../series-cache.ts';
import type { Findings } from '../source.ts';

/** Memory in bytes. The states overlap: `cached` and `buffers` hold memory that is available and some that is not. */
export interface Memory {
  /** All memory that may be used: the host's, or the container's limit. */
  readonly limitBytes: number;
  /** What can be had without swapping. Used is the rest. */
  readonly availableBytes: number;
  readonly freeBytes: number;
  readonly cachedBytes: number;
  /** Absent in a container: cgroups do not tell it. */
  readonly buffersBytes?: number | undefined;
}

/** Swap space in bytes. */
export interface Swap {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

const LIMIT = createSeries('system_memory_limit_bytes');
const AVAILABLE = createSeries('system_memory_linux_available_bytes');
const USED = stateSeries('used');
const FREE = stateSeries('free');
const CACHED = stateSeries('cached');
const BUFFERS = stateSeries('buffers');
const SWAP_USED = createSeries('system_paging_usage_bytes', { system_paging_state: 'used' });
const SWAP_FREE = createSeries('system_paging_usage_bytes', { system_paging_state: 'free' });

interface StateSeries {
  readonly usage: Labels;
  readonly utilization: Labels;
}

/**
 * Adds limit, usage and utilization. Used is limit − available, which is what `free` of procps 4 prints, so that
 * used / limit rises with memory that cannot be had back and not with the file cache. `limitBytes` must be over 0.
 */
export function addMemory(findings: Findings, memory: Memory): void {
  const { limitBytes } = memory;
  const add = (series: StateSeries, bytes: number): void => {
    const held = Math.min(bytes, limitBytes);
    findings.add(series.usage, held);
    findings.add(series.utilization, held / limitBytes);
  };
  findings.add(LIMIT, limitBytes);
  add(USED, limitBytes - Math.min(memory.availableBytes, limitBytes));
  add(FREE, memory.freeBytes);
  add(CACHED, memory.cachedBytes);
  if (memory.buffersBytes !== undefined) add(BUFFERS, memory.buffersBytes);
}

/** Adds `system.memory.linux.available`. */
export function addAvailable(findings: Findings, memory: Memory): void {
  findings.add(AVAILABLE, Math.min(memory.availableBytes, memory.limitBytes));
}

/** Adds `system.paging.usage`. */
export function addSwap(findings: Findings, swap: Swap): void {
  const freeBytes = Math.min(swap.freeBytes, swap.totalBytes);
  findings.add(SWAP_USED, swap.totalBytes - freeBytes);
  findings.add(SWAP_FREE, freeBytes);
}

function stateSeries(state: string): StateSeries {
  const labels = { system_memory_state: state };
  return {
    usage: createSeries('system_memory_usage_bytes', labels),
    utilization: createSeries('system_memory_utilization_ratio', labels),
  };
}
