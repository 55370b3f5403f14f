import { resolve } from 'node:path';
import { compileGroups, parseDuration, PatternError } from '@hubpulse/model';
import { z } from 'zod';
import {
  RELABEL_ACTIONS,
  type RelabelAction,
  type RelabelRule,
  type ScrapeCredentials,
  type ScrapeJob,
  type TargetGroup,
} from '../ingest/scrape/scrape-job.ts';
import { knownMap } from './schema-faults.ts';

/** What most set: a load shows within seconds, at a quarter of the samples that Prometheus' minute would save. */
const DEFAULT_INTERVAL_MS = 15_000;

/** That of Prometheus. A job with a shorter interval gets that. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Below, programs do little else than being scraped. */
const MIN_INTERVAL_MS = 100;

/** That of Prometheus; changes are noticed sooner. */
const DEFAULT_REFRESH_MS = 300_000;

const NAME = 'a name';
const TEXT = 'a text (put it in quotes)';

/** Scalars that Prometheus reads as texts too. */
const text = z.union([z.string(), z.int(), z.boolean()], TEXT).transform(String);
const name = z.string(NAME).min(1, NAME);
const flag = z.boolean('true or false');

const duration = z.string('a duration such as 15s or 1m30s').transform((value, context) => {
  const durationMs = parseDuration(value);
  if (durationMs !== undefined) return durationMs;
  context.addIssue('a duration such as 15s or 1m30s');
  return z.NEVER;
});

const SIZE = 'a size such as 10MB, or 0';
const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** Units are powers of two, as in Prometheus. */
const byteSize = z.union([z.string(), z.literal(0)], SIZE).transform((value, context) => {
  const [, count = '', unit = ''] = /^(\d{1,9})(?:([KMG]?)i?B)?$/.exec(String(value)) ?? [];
  if (count !== '') return Number(count) * (SIZE_UNITS[unit] ?? 1);
  context.addIssue(SIZE);
  return z.NEVER;
});

const labels = z.record(name, text, 'labels: a map of texts');

/** `targets` and `labels`, as they stand in `static_configs` and in files of targets. */
const targetGroup: z.ZodType<TargetGroup> = knownMap(
  {
    targets: z.array(z.string('host:port').min(1, 'host:port'), 'a list of host:port'),
    labels: labels.optional(),
  },
  'a map with targets and labels',
).transform((group) => ({ targets: group.targets, labels: group.labels ?? {} }));

/** The content of a file of targets. */
export const targetGroups: z.ZodType<readonly TargetGroup[]> = z.array(
  targetGroup,
  'a list of maps with targets and labels',
);

const NEEDS_TARGET: ReadonlySet<RelabelAction> = new Set([
  ...(['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'] as const),
]);

const relabelRule: z.ZodType<RelabelRule> = knownMap(
  {
    source_labels: z.array(name, 'a list of label names').optional(),
    separator: text.optional(),
    regex: text.optional(),
    modulus: z.int('a whole number from 1').min(1, 'a whole number from 1').optional(),
    target_label: name.optional(),
    replacement: text.optional(),
    action: z
      .string(`one of ${RELABEL_ACTIONS.join(', ')}`)
      .toLowerCase()
      .pipe(z.enum(RELABEL_ACTIONS, `one of ${RELABEL_ACTIONS.join(', ')}`))
      .optional(),
  },
  'a rule: a map with action, source_labels and their like',
)
  .superRefine(({ action = 'replace', ...rule }, context) => {
    const refuse = (key: string, want: string): void =>
      context.addIssue({ code: 'custom', path: [key], message: want });
    if (NEEDS_TARGET.has(action) && rule.target_label === undefined)
      refuse('target_label', `a label for the action ${action}`);
    if (action === 'hashmod' && rule.modulus === undefined)
      refuse('modulus', 'a whole number for the action hashmod');
    const complaint = complaintOf(rule.regex ?? '');
    if (complaint !== undefined) refuse('regex', `a pattern of RE2 (${complaint})`);
  })
  .transform((rule) => ({
    action: rule.action ?? 'replace',
    sourceLabels: rule.source_labels ?? [],
    separator: rule.separator ?? ';',
    regex: rule.regex ?? '(.*)',
    targetLabel: rule.target_label ?? '',
    replacement: rule.replacement ?? '$1',
    modulus: rule.modulus ?? 0,
  }));

function complaintOf(regex: string): string | undefined {
  try {
    compileGroups(regex);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

const relabelRules = z.array(relabelRule, 'a list of rules').optional();

/** What a header may carry. */
const SECRET = 'one word of ASCII';
const secretText = z.string(SECRET).regex(/^[\u0021-\u007E]+$/, SECRET);
const path = z.string('a path').min(1, 'a path');

const basicAuth = knownMap(
  {
    username: z.string(TEXT).optional(),
    password: z.string(TEXT).optional(),
    password_file: path.optional(),
  },
  'a map with username, and password or password_file',
).refine((auth) => auth.password === undefined || auth.password_file === undefined, {
  message: 'password or password_file, not both',
});

const authorization = knownMap(
  {
    type: z
      .string('a word such as Bearer')
      .regex(/^(?!basic$)[\w-]+$/i, 'a word such as Bearer; basic_auth is for Basic')
      .optional(),
    credentials: secretText.optional(),
    credentials_file: path.optional(),
  },
  'a map with credentials or credentials_file',
).refine((auth) => (auth.credentials === undefined) !== (auth.credentials_file === undefined), {
  message: 'either credentials or credentials_file',
});

const FILE_PATTERN = /^[^*]*(?:\*[^/]*)?\.(?:json|ya?ml|JSON|YA?ML)$/;
const FILE = 'a path that ends in .json, .yml or .yaml, with * in its last part at most';

const scrapeConfig = knownMap(
  {
    job_name: name,
    scrape_interval: duration
      .refine((durationMs) => durationMs >= MIN_INTERVAL_MS, `at least ${MIN_INTERVAL_MS}ms`)
      .optional(),
    scrape_timeout: duration.refine((durationMs) => durationMs > 0, 'more than 0s').optional(),
    metrics_path: z
      .string('a path that begins with /')
      .startsWith('/', 'a path that begins with /')
      .optional(),
    scheme: z.enum(['http', 'https'], 'http or https').optional(),
    params: z.record(name, z.array(text, 'a list of texts'), 'a map of lists').optional(),
    honor_labels: flag.optional(),
    honor_timestamps: flag.optional(),
    follow_redirects: flag.optional(),
    static_configs: targetGroups.optional(),
    file_sd_configs: z
      .array(
        knownMap(
          {
            files: z.array(z.string(FILE).regex(FILE_PATTERN, FILE), 'a list of paths'),
            refresh_interval: duration.optional(),
          },
          'a map with files and refresh_interval',
        ),
        'a list of maps with files',
      )
      .optional(),
    relabel_configs: relabelRules,
    metric_relabel_configs: relabelRules,
    sample_limit: z
      .int('a whole number, 0 for none')
      .min(0, 'a whole number, 0 for none')
      .optional(),
    body_size_limit: byteSize.optional(),
    basic_auth: basicAuth.optional(),
    authorization: authorization.optional(),
    tls_config: z
      .strictObject(
        { insecure_skip_verify: flag.optional(), ca_file: path.optional() },
        'a map with ca_file and insecure_skip_verify',
      )
      .optional(),
  },
  'a job: a map with job_name and static_configs',
).superRefine((config, context) => {
  const intervalMs = config.scrape_interval ?? DEFAULT_INTERVAL_MS;
  if ((config.scrape_timeout ?? 0) > intervalMs) {
    const message = `at most the interval, ${intervalMs / 1000}s`;
    context.addIssue({ code: 'custom', path: ['scrape_timeout'], message });
  }
  if (config.basic_auth !== undefined && config.authorization !== undefined) {
    const message = 'either basic_auth or authorization';
    context.addIssue({ code: 'custom', path: ['authorization'], message });
  }
});

type ScrapeConfig = z.infer<typeof scrapeConfig>;

/**
 * `scrape_configs` in the words of Prometheus; what we do not support is refused by name.
 *
 * @param folder Where relative paths start: that of the configuration file.
 */
export function scrapeConfigsSchema(folder: string): z.ZodType<readonly ScrapeJob[]> {
  return z
    .array(scrapeConfig, 'a list of jobs')
    .superRefine((configs, context) => {
      const names = configs.map((config) => config.job_name);
      for (const [i, jobName] of names.entries()) {
        if (names.indexOf(jobName) === i) continue;
        context.addIssue({ code: 'custom', path: [i, 'job_name'], message: 'each name once' });
      }
    })
    .transform((configs) => configs.map((config) => jobOf(config, folder)));
}

/** The job under which the addresses of `scrape_targets` are scraped. */
export const SCRAPE_TARGETS_JOB = 'scrape';

/** All jobs of a configuration. */
export function scrapeJobs({
  scrapeTargets,
  scrapeConfigs,
}: {
  readonly scrapeTargets: readonly string[];
  readonly scrapeConfigs: readonly ScrapeJob[];
}): ScrapeJob[] {
  if (scrapeTargets.length === 0) return [...scrapeConfigs];
  const staticConfigs = [{ targets: scrapeTargets, labels: {} }];
  const config = { job_name: SCRAPE_TARGETS_JOB, static_configs: staticConfigs };
  return [...scrapeConfigs, jobOf(config, '/')];
}

// oxlint-disable-next-line complexity -- One default a line.
function jobOf(config: ScrapeConfig, folder: string): ScrapeJob {
  const intervalMs = config.scrape_interval ?? DEFAULT_INTERVAL_MS;
  const absolute = (file: string): string => resolve(folder, file);
  return {
    name: config.job_name,
    intervalMs,
    timeoutMs: config.scrape_timeout ?? Math.min(DEFAULT_TIMEOUT_MS, intervalMs),
    scheme: config.scheme ?? 'http',
    metricsPath: config.metrics_path ?? '/metrics',
    params: config.params ?? {},
    honorLabels: config.honor_labels ?? false,
    honorTimestamps: config.honor_timestamps ?? true,
    followRedirects: config.follow_redirects ?? true,
    staticGroups: config.static_configs ?? [],
    fileLists: (config.file_sd_configs ?? []).map(({ files, refresh_interval: refreshMs }) => ({
      files: files.map(absolute),
      refreshMs: refreshMs ?? DEFAULT_REFRESH_MS,
    })),
    relabelRules: config.relabel_configs ?? [],
    metricRelabelRules: config.metric_relabel_configs ?? [],
    sampleLimit: config.sample_limit ?? 0,
    bodySizeLimitBytes: config.body_size_limit ?? 0,
    credentials: credentialsOf(config, absolute),
    tls: {
      insecureSkipVerify: config.tls_config?.insecure_skip_verify ?? false,
      caFile:
        config.tls_config?.ca_file === undefined ? undefined : absolute(config.tls_config.ca_file),
    },
  };
}

function credentialsOf(
  { basic_auth: basic, authorization: other }: ScrapeConfig,
  absolute: (file: string) => string,
): ScrapeCredentials | undefined {
  const fileOf = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : absolute(file);
  if (basic !== undefined) {
    return {
      type: 'Basic',
      username: basic.username ?? '',
      secret: basic.password ?? '',
      secretFile: fileOf(basic.password_file),
    };
  }
  if (other === undefined) return undefined;
  return {
    type: other.type ?? 'Bearer',
    username: '',
    secret: other.credentials ?? '',
    secretFile: fileOf(other.credentials_file),
  };
}
