/** What `scrape_configs` of a configuration says, one entry each, all defaults filled in. */
export interface ScrapeJob {
  /** The label `job`, unless rules change it. */
  readonly name: string;
  readonly intervalMs: number;
  /** At most `intervalMs`. */
  readonly timeoutMs: number;
  readonly scheme: 'http' | 'https';
  /** Path of the URL, with its slash. */
  readonly metricsPath: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
  /** Whether labels that a target exposes win over ours of the same name. */
  readonly honorLabels: boolean;
  /** Whether times that a target exposes count. */
  readonly honorTimestamps: boolean;
  readonly followRedirects: boolean;
  readonly staticGroups: readonly TargetGroup[];
  readonly fileLists: readonly FileList[];
  readonly relabelRules: readonly RelabelRule[];
  readonly metricRelabelRules: readonly RelabelRule[];
  /** Samples of one scrape after the rules for metrics; more make it fail. 0 sets no bound. */
  readonly sampleLimit: number;
  /** Bytes of a body, decompressed; 0 for what ingest allows. */
  readonly bodySizeLimitBytes: number;
  readonly credentials: ScrapeCredentials | undefined;
  readonly tls: ScrapeTls;
}

/** Targets that share labels. */
export interface TargetGroup {
  /** Each `host:port`, or a host alone. */
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Target groups that stand in files. */
export interface FileList {
  /** Absolute paths; the last part may have `*` in it. */
  readonly files: readonly string[];
  /** How often files are read although they look unchanged. */
  readonly refreshMs: number;
}

/** What a scrape shows to be let in. */
export interface ScrapeCredentials {
  /** `Basic`, `Bearer` or another word for `Authorization`. */
  readonly type: string;
  /** For `Basic` only. */
  readonly username: string;
  /** The password or the token. */
  readonly secret: string;
  /** Holds the secret instead; read for each scrape, so that a new one is used at once. Absolute path. */
  readonly secretFile: string | undefined;
}

export interface ScrapeTls {
  readonly insecureSkipVerify: boolean;
  /** Certificates to trust instead of the system's, PEM. Absolute path. */
  readonly caFile: string | undefined;
}

/** What a rule does with labels; the words are those of Prometheus. */
export const RELABEL_ACTIONS = [
  ...(['replace', 'keep', 'drop', 'keepequal', 'dropequal', 'hashmod'] as const),
  ...(['labelmap', 'labeldrop', 'labelkeep', 'lowercase', 'uppercase'] as const),
] as const;

export type RelabelAction = (typeof RELABEL_ACTIONS)[number];

/** One rule of `relabel_configs` or `metric_relabel_configs`. */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** RE2, anchored at both ends. */
  readonly regex: string;
  readonly targetLabel: string;
  readonly replacement: string;
  readonly modulus: number;
}
