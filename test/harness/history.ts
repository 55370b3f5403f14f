import { createLabels, METRIC_NAME } from '@hubpulse/model';
import { systemClock } from '../../apps/server/src/clock.ts';
import { openEmbeddedStore } from '../../apps/server/src/store/embedded/embedded-store.ts';

const HOUR_MS = 3_600_000;

/** How often a server measures unless told, so that a zoomed chart of it has a figure in each step. */
const STEP_MS = 5_000;

/** A day, and the day before it to compare with. */
const HOURS = 49;

/** The hour, counted from the end, in which nothing was measured. */
export const GAP_HOUR = 12;

/** What was measured in one hour; the same all hour long, so that a test can tell what a page has to show. */
export interface HourFigures {
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number;
  readonly responseMs: number;
  readonly errorPercent: number;
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** The figures of the hours, newest first; older hours begin again. Levels and changes of every kind occur. */
const PATTERN: readonly HourFigures[] = [
  hour([49.94, 79.94, 12, 1999, 4.99, 120, 1_500_000]),
  hour([50, 80, 12, 2500, 6, 100, 1_250_000]),
  hour([40, 64, 12, 2500, 0, 12_345, 2_000_000_000]),
  hour([85.5, 30, 96, 5010, 12.5, 0.004, 512]),
  hour([20, 40, 12, 0.25, 0, 3, 40_000]),
];

function hour(figures: readonly number[]): HourFigures {
  const [cpu = 0, memory = 0, disk = 0, responseMs = 0, errorPercent = 0, ...rest] = figures;
  const [requestsPerSecond = 0, bytesPerSecond = 0] = rest;
  return { cpu, memory, disk, responseMs, errorPercent, requestsPerSecond, bytesPerSecond };
}

/** The figures of an hour, counted from the end of the history: 0 is the newest. */
export function figuresOfHour(hoursBack: number): HourFigures {
  const figures = PATTERN[hoursBack % PATTERN.length];
  if (figures === undefined) throw new Error(`got the hour ${hoursBack}; want 0 or more`);
  return figures;
}

/** Two days of measurements of a service on two hosts. */
export interface History {
  /** The end, Unix milliseconds: the last full hour before this program started. */
  readonly endMs: number;
  /** Start and end of an hour, counted from the end: 0 is the newest. */
  hourWindow(hoursBack: number): { readonly fromMs: number; readonly toMs: number };
  /** Writes it into the data directory of a server that does not run. */
  write(dataDir: string): Promise<void>;
}

/** Plans the history; `write` does it. */
export function createHistory(): History {
  const endMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return {
    endMs,
    hourWindow: (hoursBack) => ({
      fromMs: endMs - (hoursBack + 1) * HOUR_MS,
      toMs: endMs - hoursBack * HOUR_MS,
    }),
    write: (dataDir) => write(dataDir, endMs),
  };
}

async function write(directory: string, endMs: number): Promise<void> {
  const store = await openEmbeddedStore({ directory, clock: systemClock });
  try {
    const refs = SERIES.map(({ labels }) => store.intern(createLabels(labels)));
    const counts = SERIES.map(() => 0);
    for (let hoursBack = HOURS - 1; hoursBack >= 0; hoursBack--) {
      if (hoursBack === GAP_HOUR) continue;
      await store.append(hourBatch({ refs, counts, hoursBack, endMs }));
    }
  } finally {
    await store.close();
  }
}

/** One hour of all series; steps end at their time, so the first sample lies one step after the hour's start. */
function hourBatch(hourOf: {
  readonly refs: readonly number[];
  /** The counters so far, which this hour continues. */
  readonly counts: number[];
  readonly hoursBack: number;
  readonly endMs: number;
}) {
  const { refs, counts, hoursBack, endMs } = hourOf;
  const figures = figuresOfHour(hoursBack);
  const steps = HOUR_MS / STEP_MS;
  const rows = steps * SERIES.length;
  const batch = {
    refs: new Uint32Array(rows),
    tMs: new Float64Array(rows),
    values: new Float64Array(rows),
  };
  let row = 0;
  for (let step = 1; step <= steps; step++) {
    for (const [i, { isCounter, valueOf }] of SERIES.entries()) {
      const value = valueOf(figures);
      counts[i] = (counts[i] ?? 0) + (value * STEP_MS) / 1000;
      batch.refs[row] = refs[i] ?? 0;
      batch.tMs[row] = endMs - (hoursBack + 1) * HOUR_MS + step * STEP_MS;
      batch.values[row] = isCounter ? (counts[i] ?? 0) : value;
      row++;
    }
  }
  return batch;
}

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the store holds the sum of what `valueOf` gives per second. */
  readonly isCounter: boolean;
  valueOf(figures: HourFigures): number;
}

const gauge = (
  name: string,
  labels: Readonly<Record<string, string>>,
  valueOf: Series['valueOf'],
): Series => ({ labels: { [METRIC_NAME]: name, ...labels }, isCounter: false, valueOf });

const counter = (
  name: string,
  labels: Readonly<Record<string, string>>,
  valueOf: Series['valueOf'],
): Series => ({ labels: { [METRIC_NAME]: name, ...labels }, isCounter: true, valueOf });

const HOSTS = ['alpha', 'beta'];
const JOB = { job: 'gateway' };

const ofHost = (host_name: string, i: number): Series[] => [
  // The overview shows the mean of the hosts: one lies as far above it as the other below.
  gauge('cpu_usage', { host_name }, ({ cpu }) => cpu + (i === 0 ? 5 : -5)),
  gauge('memory_usage', { host_name }, ({ memory }) => memory + (i === 0 ? 10 : -10)),
  // Of disks the fullest counts.
  gauge('disk_usage', { host_name }, ({ disk }) => disk - 3 * i),
];

const quantile = (name: string, share: number): Series =>
  gauge(
    `job:http_server_request_duration_seconds:${name}_1m`,
    JOB,
    ({ responseMs }) => (responseMs / 1000) * share,
  );

const rate = (http_response_status_class: string, share: number): Series =>
  gauge(
    'job:http_server_requests:rate_1m',
    { ...JOB, http_response_status_class },
    ({ requestsPerSecond }) => requestsPerSecond * share,
  );

const SERIES: readonly Series[] = [
  ...HOSTS.flatMap(ofHost),
  gauge('api_response_time', JOB, ({ responseMs }) => responseMs),
  gauge('error_rate', JOB, ({ errorPercent }) => errorPercent),
  ...[quantile('p50', 0.5), quantile('p95', 1), quantile('p99', 2)],
  ...[rate('2xx', 0.9), rate('4xx', 0.07), rate('5xx', 0.03)],
  ...(['receive', 'transmit'] as const).map((network_io_direction, i) =>
    counter(
      'system_network_io_bytes_total',
      { host_name: 'alpha', network_interface_name: 'eth0', network_io_direction },
      ({ bytesPerSecond }) => bytesPerSecond * (i + 1),
    ),
  ),
  ...(['read', 'write'] as const).map((disk_io_direction, i) =>
    counter(
      'system_disk_io_bytes_total',
      { host_name: 'alpha', system_device: 'sda', disk_io_direction },
      ({ bytesPerSecond }) => bytesPerSecond / (i + 2),
    ),
  ),
];
