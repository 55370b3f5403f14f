import { LOG_LEVELS, type LogLevel } from '../log.ts';
import {
  addressList,
  directory,
  flag,
  host,
  hostList,
  type Kind,
  oneOf,
  pathList,
  wholeNumber,
} from './kind.ts';
import type { Sections } from './sections.ts';

/** The settings of a running Hubpulse, all present and valid. */
export interface Config extends Sections {
  /** Address or name to listen on, without brackets. */
  readonly host: string;
  /** TCP port; 0 takes any free one. */
  readonly port: number;
  /** TCP port on which OTLP is received beside the main port; 0 is none. */
  readonly otlpPort: number;
  /** Absolute path; the directory need not exist yet. */
  readonly dataDir: string;
  /** Milliseconds between two collections of this host's metrics; 0 collects none. */
  readonly agentIntervalMs: number;
  /** Days for which raw samples are kept. */
  readonly retentionRawDays: number;
  /** Days for which buckets of a minute are kept. */
  readonly retention1mDays: number;
  /** Days for which buckets of an hour are kept. */
  readonly retention1hDays: number;
  readonly logLevel: LogLevel;
  /** Mebibytes (1024²) of the largest body with samples as it arrives; four times as many when decompressed. */
  readonly ingestMaxBodyMib: number;
  /** Series of all senders together. */
  readonly ingestMaxSeries: number;
  /** New series that one sender may make within 24 hours. */
  readonly ingestMaxSeriesPerSender: number;
  /** Label sets that the spans of one service may make before further ones are folded. */
  readonly ingestMaxSpanLabelSets: number;
  /** Labels of one series, its name included. */
  readonly ingestMaxLabels: number;
  /** Bytes of the longest name or value of a label. */
  readonly ingestMaxLabelBytes: number;
  /** Minutes by which a sample may lie in the future. */
  readonly ingestMaxFutureMinutes: number;
  /** Addresses to scrape every 15 s as the job `scrape`, each `host:port`. */
  readonly scrapeTargets: readonly string[];
  /** Absolute paths; the last segment may have `*` and `?`. */
  readonly ruleFiles: readonly string[];
  /** Whether the rules that Hubpulse brings are evaluated. */
  readonly builtinRules: boolean;
  /**
   * Hosts that the `Host` header may name beside `localhost` and loopback addresses. Lower case, without port; IPv6
   * addresses without brackets, shortened after RFC 5952.
   */
  readonly allowedHosts: readonly string[];
  /** Whether `host` may be reachable from other machines although Hubpulse has no accounts. */
  readonly allowUnauthenticatedAccess: boolean;
}

export type SettingName = Exclude<keyof Config, keyof Sections>;

/** One row of the table from which the schema, the variables, the documentation and `hubpulse config` come. */
export interface Setting<Value> {
  /** The key in `hubpulse.yaml`. */
  readonly key: string;
  readonly kind: Kind<Value>;
  readonly default: Value;
  /** The unit of a number, or a dash. */
  readonly unit: string;
  /** What it sets. */
  readonly meaning: string;
  /** Why the default is what it is. */
  readonly reason: string;
  /** The command-line flag without dashes, for what changes from one start to the next. */
  readonly flag?: string;
  /** A value that no message, log or listing may show. */
  readonly secret?: boolean;
}

export const SETTINGS: { readonly [Name in SettingName]: Setting<Config[Name]> } = {
  host: {
    key: 'host',
    kind: host,
    default: '127.0.0.1',
    unit: '-',
    meaning: 'The address that Hubpulse listens on.',
    reason: 'There are no accounts yet, so only this machine may connect.',
  },
  port: {
    key: 'port',
    kind: wholeNumber({ min: 0, max: 65_535, zeroMeans: 'any free port' }),
    default: 4600,
    unit: 'TCP port',
    meaning: 'The port of the dashboard, the API and everything that is sent to Hubpulse.',
    reason: 'No well-known service uses it, and it needs no privileges.',
    flag: 'port',
  },
  otlpPort: {
    key: 'otlp_port',
    kind: wholeNumber({ min: 1, max: 65_535, zeroMeans: 'off' }),
    default: 4318,
    unit: 'TCP port',
    meaning:
      'A port for OpenTelemetry (OTLP over HTTP) beside the main one, used when it is free; the log says whether it is.',
    reason: 'SDKs send there unless they are told otherwise.',
  },
  dataDir: {
    key: 'data_dir',
    kind: directory,
    default: './data',
    unit: '-',
    meaning:
      'Where everything is stored; created when missing. A relative path starts at the working directory.',
    reason: 'A first try leaves nothing behind outside the directory it was started in.',
  },
  agentIntervalMs: {
    key: 'agent_interval_ms',
    kind: wholeNumber({ min: 1000, max: 60_000, zeroMeans: 'off' }),
    default: 5000,
    unit: 'milliseconds',
    meaning: "How often this host's own metrics are collected.",
    reason: 'Load shows on the dashboard within seconds, at well under 1 % of one core.',
  },
  retentionRawDays: {
    key: 'retention_raw_days',
    kind: wholeNumber({ min: 1, max: 3650 }),
    default: 15,
    unit: 'days',
    meaning: 'How long raw samples are kept.',
    reason: 'Two weeks can be compared, with a day to spare; the disk stays small.',
  },
  retention1mDays: {
    key: 'retention_1m_days',
    kind: wholeNumber({ min: 1, max: 3650 }),
    default: 90,
    unit: 'days',
    meaning: 'How long buckets of one minute (min, max, sum, count, last) are kept.',
    reason: 'A quarter can be looked at in detail.',
  },
  retention1hDays: {
    key: 'retention_1h_days',
    kind: wholeNumber({ min: 1, max: 3650 }),
    default: 730,
    unit: 'days',
    meaning: 'How long buckets of one hour are kept; whole months are deleted.',
    reason: 'A year can be compared with the one before, at some kilobytes a series.',
  },
  logLevel: {
    key: 'log_level',
    kind: oneOf(LOG_LEVELS),
    default: 'info',
    unit: '-',
    meaning: 'The least important lines that are logged.',
    reason: 'Starts, stops and what an operator should know, nothing for each request.',
  },
  ingestMaxBodyMib: {
    key: 'ingest_max_body_mib',
    kind: wholeNumber({ min: 1, max: 256 }),
    default: 16,
    unit: 'MiB',
    meaning:
      'The largest body with samples that is taken, as it arrives; decompressed it may have four times as much.',
    reason: 'Prometheus sends well under 1 MiB, and a body has to fit into memory.',
  },
  ingestMaxSeries: {
    key: 'ingest_max_series',
    kind: wholeNumber({ min: 1, max: 100_000_000 }),
    default: 1_000_000,
    unit: 'series',
    meaning: 'How many series senders may make in total; known ones go on.',
    reason:
      'Each costs one to two kilobytes of memory, and a label with endless values must not take it all.',
  },
  ingestMaxSeriesPerSender: {
    key: 'ingest_max_series_per_sender',
    kind: wholeNumber({ min: 1, max: 100_000_000 }),
    default: 500_000,
    unit: 'series',
    meaning:
      'How many new series one sender (an address, a scraped target) may make within 24 hours; known ones go on.',
    reason: 'Half of the total: one sender that runs wild leaves room for the others.',
  },
  ingestMaxSpanLabelSets: {
    key: 'ingest_max_span_label_sets',
    kind: wholeNumber({ min: 1, max: 5000 }),
    default: 2000,
    unit: 'label sets',
    meaning:
      'How many label sets the spans of one service may make before the labels of further ones become _OTHER.',
    reason: 'Hundreds of routes fit; each set is up to 17 series, written every 15 seconds.',
  },
  ingestMaxLabels: {
    key: 'ingest_max_labels',
    kind: wholeNumber({ min: 1, max: 1000 }),
    default: 64,
    unit: 'labels',
    meaning: 'How many labels a series that is sent may have, its name included.',
    reason: 'Kubernetes comes to about thirty.',
  },
  ingestMaxLabelBytes: {
    key: 'ingest_max_label_bytes',
    kind: wholeNumber({ min: 16, max: 65_536 }),
    default: 4096,
    unit: 'bytes',
    meaning: 'The longest name or value of a label that is sent, in UTF-8.',
    reason: 'Twice what others allow for values; texts belong into logs.',
  },
  ingestMaxFutureMinutes: {
    key: 'ingest_max_future_minutes',
    kind: wholeNumber({ min: 0, max: 525_600 }),
    default: 10,
    unit: 'minutes',
    meaning: 'How far in the future a sample that is sent may lie.',
    reason: 'Clocks differ by seconds; Prometheus allows as much.',
  },
  scrapeTargets: {
    key: 'scrape_targets',
    kind: addressList,
    default: [],
    unit: '-',
    meaning:
      'What is scraped every 15 seconds at http://host:port/metrics, under the job scrape; scrape_configs has more to choose.',
    reason: 'Nothing is asked that nobody named.',
  },
  ruleFiles: {
    key: 'rule_files',
    kind: pathList,
    default: [],
    unit: '-',
    meaning:
      "Files with recording rules in Prometheus' format; re-read when they change. Relative paths start at the working directory.",
    reason: 'The rules for the overview are built in.',
  },
  builtinRules: {
    key: 'builtin_rules',
    kind: flag,
    default: true,
    unit: '-',
    meaning: 'Whether the five signals and the lines of the overview are recorded.',
    reason:
      'The overview is empty without them. To replace a single one, record its name in a rule file.',
  },
  allowedHosts: {
    key: 'allowed_hosts',
    kind: hostList,
    default: [],
    unit: '-',
    meaning:
      'Hosts that browsers may call Hubpulse by, beside localhost and loopback addresses, such as the name of a proxy.',
    reason: 'A web page that points its own name at this machine (DNS rebinding) is refused.',
  },
  allowUnauthenticatedAccess: {
    key: 'allow_unauthenticated_access',
    kind: flag,
    default: false,
    unit: '-',
    meaning: 'Permits a host that other machines can reach although there are no accounts.',
    reason: 'Whoever can connect sees everything, so this has to be said on purpose.',
  },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The variable that sets a key: `data_dir` is set by `HUBPULSE_DATA_DIR`. */
export function variableOf(setting: { readonly key: string }): string {
  return `HUBPULSE_${setting.key.toUpperCase()}`;
}

/** A value as listings and the documentation show it: on one line, lists with commas between, nothing as `(none)`. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(', ');
  return String(value);
}
