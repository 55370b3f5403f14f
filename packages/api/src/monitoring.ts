/** The named ranges of the dashboard, longest last. */
export const RANGES = ['5m', '1h', '6h', '24h'] as const;

/** A range that ends now: five minutes, one hour, six hours or a day. */
export type Range = (typeof RANGES)[number];

/** The length of each named range in milliseconds. */
export const RANGE_MS: Readonly<Record<Range, number>> = {
  '5m': 300_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
};

/** The most points that an answer holds for one line. */
export const MAX_POINTS = 1500;

/** Points of an overview when the client does not say: about as many as a wide chart has pixels. */
export const OVERVIEW_POINTS = 720;

/** One point of the dashboard's feed. `null` is a gap: nothing was measured in that step. */
export interface MetricPoint {
  /** End of the step, Unix milliseconds. */
  readonly timestamp: number;
  /** CPU in use, percent; mean over hosts and over the step. */
  readonly cpu: number | null;
  /** Memory in use, percent; mean over hosts and over the step. */
  readonly memory: number | null;
  /** Fullest disk, percent; the largest over hosts, mean over the step. */
  readonly disk: number | null;
  /** Response time, milliseconds: p95 of the minute before, the slowest service; the largest in the step. */
  readonly responseTime: number | null;
  /** Failed requests (5xx), percent of the minute before, the worst service; the largest in the step. */
  readonly errorRate: number | null;
}

/** Which part of time an answer covers: steps end at `fromMs + stepMs`, …, `toMs`; both are multiples of `stepMs`. */
export interface TimeGrid {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Answer of `GET /api/v1/monitoring/metrics`: one point a step, oldest first. */
export interface MonitoringMetrics extends TimeGrid {
  readonly data: readonly MetricPoint[];
}

/** What the figures of a line count. */
export type Unit = 'percent' | 'milliseconds' | 'requests_per_second' | 'bytes_per_second';

/** The charts of the overview page. A line belongs to one. */
export type Panel = 'signals' | 'response' | 'requests' | 'cpu_by_host' | 'network' | 'disk_io';

/** How the samples of one step become one figure. */
export type StepAggregate = 'mean' | 'max';

/**
 * One line of the overview. Ids are stable: `cpu`, `memory`, `disk`, `response_time`, `error_rate` (panel `signals`);
 * `response_time.p50`, `response_time.p95`, `response_time.p99` (`response`); `requests.2xx`, `requests.3xx`,
 * `requests.4xx`, `requests.5xx` (`requests`); `cpu_by_host:<host>`; `network.receive`, `network.transmit`;
 * `disk_io.read`, `disk_io.write`. A line without a sample in the range is left out, except for the five signals.
 */
export interface OverviewLine {
  readonly id: string;
  readonly panel: Panel;
  /** What distinguishes the line within its panel where the id cannot be translated: a host's name. Else empty. */
  readonly name: string;
  readonly unit: Unit;
  readonly aggregate: StepAggregate;
  /** One figure a step, oldest first; `null` is a gap. */
  readonly values: readonly (number | null)[];
}

/** Answer of `GET /api/v1/monitoring/overview`: everything the overview page draws, in columns. */
export interface Overview extends TimeGrid {
  /** The server's clock when it answered, Unix milliseconds. */
  readonly nowMs: number;
  /** How often live frames come, milliseconds. */
  readonly frameIntervalMs: number;
  readonly lines: readonly OverviewLine[];
  /** Mean of each signal over the window of the same length before `fromMs`; `null` where nothing was measured. */
  readonly previous: Readonly<Record<Signal, number | null>>;
  /** The newest figure of each signal within the last day, with its time; `null` where there is none. */
  readonly latest: Readonly<Record<Signal, LatestFigure | null>>;
}

/** A figure with the time at which it was measured. */
export interface LatestFigure {
  readonly tMs: number;
  readonly value: number;
}

/** The five signals, by the ids of their lines. */
export const SIGNALS = ['cpu', 'memory', 'disk', 'response_time', 'error_rate'] as const;

/** One of the five signals. */
export type Signal = (typeof SIGNALS)[number];

/**
 * One message of the live stream `GET /api/v1/live` (server-sent events, event `frame`): the newest figure of each
 * line. `tMs` is a multiple of `frameIntervalMs`. The event's id resumes the stream through `Last-Event-ID`; when that
 * is no longer possible the stream begins with an event `reset`, upon which a client reads the overview anew.
 */
export interface LiveFrame {
  readonly tMs: number;
  readonly lines: readonly LiveFigure[];
}

/** The newest figure of one line; fields as in `OverviewLine`. */
export interface LiveFigure {
  readonly id: string;
  readonly panel: Panel;
  readonly name: string;
  readonly unit: Unit;
  readonly aggregate: StepAggregate;
  readonly value: number;
}

/** Body of every answer that is an error. */
export interface ErrorBody {
  readonly error: {
    /** One of the codes in `docs/errors.md`. */
    readonly code: string;
    /** What failed, what was got, what was wanted. */
    readonly message: string;
  };
}

/** Answer of `GET /healthz` and `GET /readyz`. */
export interface Health {
  readonly status: 'ok';
  /** Version of the server. */
  readonly version: string;
  /** Seconds since the server started. */
  readonly uptimeSeconds: number;
}

/**
 * What the server puts into the dashboard's page as JSON in `<script id="boot">`, so that the first chart needs no round
 * trip. `overview` is absent when the page's URL names no valid window or the store did not answer.
 */
export interface Boot {
  readonly version: string;
  readonly overview?: Overview;
}
