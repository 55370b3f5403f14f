import { access } from 'node:fs/promises';
import { resolve } from 'node:path';

import { quote, StartupError } from '../startup-error.ts';
import { type FileReadings, readConfigFile } from './config-file.ts';
import { CONFIG_VARIABLE, type Environment, readEnvironment } from './environment.ts';
import { isLoopback } from './host-name.ts';
import { formatSource, type Reading, type Source } from './reading.ts';
import { SCRAPE_TARGETS_JOB } from './scrape-configs.ts';
import { SECTION_NAMES, type SectionName, SECTIONS, type Sections } from './sections.ts';
import { type Config, formatValue, SETTING_NAMES, type SettingName, SETTINGS } from './settings.ts';

/** Where each value of a configuration comes from. */
export type Sources = { readonly [Name in SettingName | SectionName]: Source };

/** A configuration to run with, or every reason why there is none. */
export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly sources: Sources }
  | { readonly ok: false; readonly faults: readonly StartupError[] };

export interface ConfigOrigins {
  readonly env: Environment;
  /** The working directory, absolute: `hubpulse.yaml` is looked for here, and relative paths start here. */
  readonly cwd: string;
  /** The file that `--config` names. */
  readonly configFile?: string | undefined;
  /** What command-line flags set. */
  readonly flags?: readonly Reading[];
}

/**
 * Finds the effective configuration: defaults, over them the configuration file, over it variables, over them flags.
 * Every value is judged, also one that another source overrides, and all faults are reported together.
 */
export async function loadConfig({
  env,
  cwd,
  configFile,
  flags = [],
}: ConfigOrigins): Promise<LoadedConfig> {
  const file = await readFileOf(cwd, configFile ?? env[CONFIG_VARIABLE]?.trim() ?? '');
  const variables = readEnvironment(env);
  const faults = [...file.faults, ...variables.faults];
  const accepted: Accepted = {};
  for (const reading of [...file.readings, ...variables.readings, ...flags]) {
    faults.push(...accept(reading, accepted));
  }
  const given: AcceptedSections = Object.fromEntries(
    file.sections.map((section) => [section.name, section]),
  );
  const config = assemble(accepted, given, cwd);
  const sources = Object.fromEntries(
    [...SETTING_NAMES, ...SECTION_NAMES].map((name) => [
      name,
      { ...accepted, ...given }[name]?.source ?? { kind: 'default' },
    ]),
  ) as Sources;
  faults.push(...refuseOpenDoor(config, sources), ...refuseSameJob(config, sources));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config, sources };
}

type AcceptedSections = {
  readonly [Name in SectionName]?: { readonly value: Sections[Name]; readonly source: Source };
};

type Accepted = {
  [Name in SettingName]?: { readonly value: Config[Name]; readonly source: Source };
};

/** @param named The file that the user asked for; empty for the one that need not exist. */
async function readFileOf(cwd: string, named: string): Promise<FileReadings> {
  if (named !== '') return readConfigFile(resolve(cwd, named));
  const usual = resolve(cwd, 'hubpulse.yaml');
  if (await exists(usual)) return readConfigFile(usual);
  const misnamed = resolve(cwd, 'hubpulse.yml');
  if (!(await exists(misnamed))) return { readings: [], sections: [], faults: [] };
  const fault = new StartupError({
    what: misnamed,
    got: 'a name that Hubpulse does not look for',
    want: 'hubpulse.yaml',
    remedy: 'Rename the file, or name it with --config or HUBPULSE_CONFIG.',
  });
  return { readings: [], sections: [], faults: [fault] };
}

/** True also for what exists and cannot be read, so that reading says why. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}

/** Judges the value and takes it into `accepted`, or returns the fault. */
function accept({ name, value, source }: Reading, accepted: Accepted): StartupError[] {
  const setting = SETTINGS[name];
  const verdict = setting.kind.schema.safeParse(value);
  if (!verdict.success)
    return [badValue({ name, value, source }, verdict.error.issues[0]?.path[0])];
  // The schema stands in the row of this name, so the types agree; the compiler cannot follow a computed key.
  Object.assign(accepted, { [name]: { value: verdict.data, source } });
  return [];
}

/** @param item Which entry of a list is at fault, when the value is a list. */
function badValue({ name, value, source }: Reading, item?: PropertyKey): StartupError {
  const setting = SETTINGS[name];
  const culprit: unknown = Array.isArray(value) && typeof item === 'number' ? value[item] : value;
  return new StartupError({
    what: placeOf(name, source),
    got: setting.secret === true ? 'a value that is not shown' : quote(culprit),
    want: setting.kind.want,
    remedy: `Correct it, or leave it out for the default, ${formatValue(setting.default)}.`,
  });
}

/** Variables and flags name the setting themselves; a line of a file does not. */
function placeOf(name: SettingName, source: Source): string {
  const place = formatSource(source);
  return source.kind === 'file' ? `${place}: ${SETTINGS[name].key}` : place;
}

function assemble(accepted: Accepted, sections: AcceptedSections, cwd: string): Config {
  const value = <Name extends SettingName>(name: Name): Config[Name] =>
    accepted[name]?.value ?? SETTINGS[name].default;
  return {
    host: value('host'),
    port: value('port'),
    otlpPort: value('otlpPort'),
    dataDir: resolve(cwd, value('dataDir')),
    agentIntervalMs: value('agentIntervalMs'),
    retentionRawDays: value('retentionRawDays'),
    retention1mDays: value('retention1mDays'),
    retention1hDays: value('retention1hDays'),
    logLevel: value('logLevel'),
    ingestMaxBodyMib: value('ingestMaxBodyMib'),
    ingestMaxSeries: value('ingestMaxSeries'),
    ingestMaxSeriesPerSender: value('ingestMaxSeriesPerSender'),
    ingestMaxSpanLabelSets: value('ingestMaxSpanLabelSets'),
    ingestMaxLabels: value('ingestMaxLabels'),
    ingestMaxLabelBytes: value('ingestMaxLabelBytes'),
    ingestMaxFutureMinutes: value('ingestMaxFutureMinutes'),
    scrapeTargets: value('scrapeTargets'),
    scrapeConfigs: sections.scrapeConfigs?.value ?? SECTIONS.scrapeConfigs.default,
    ruleFiles: value('ruleFiles').map((path) => resolve(cwd, path)),
    builtinRules: value('builtinRules'),
    allowedHosts: value('allowedHosts'),
    allowUnauthenticatedAccess: value('allowUnauthenticatedAccess'),
  };
}

/** There are no accounts yet: whoever can connect sees everything, which nobody may configure by accident. */
function refuseOpenDoor(config: Config, sources: Sources): StartupError[] {
  if (isLoopback(config.host) || config.allowUnauthenticatedAccess) return [];
  return [
    new StartupError({
      what: placeOf('host', sources.host),
      got: `${quote(config.host)}, which other machines may reach`,
      want: 'an address of this machine only, such as 127.0.0.1, because Hubpulse has no accounts yet',
      remedy:
        'Listen on 127.0.0.1 behind a proxy that authenticates, or, if everyone who can connect may see everything, set allow_unauthenticated_access: true (HUBPULSE_ALLOW_UNAUTHENTICATED_ACCESS=true).',
    }),
  ];
}

/** `scrape_targets` makes a job, whose name no other may have. */
function refuseSameJob(config: Config, sources: Sources): StartupError[] {
  const isTaken = config.scrapeConfigs.some(({ name }) => name === SCRAPE_TARGETS_JOB);
  if (!isTaken || config.scrapeTargets.length === 0) return [];
  return [
    new StartupError({
      what: placeOf('scrapeTargets', sources.scrapeTargets),
      got: `targets of the job ${SCRAPE_TARGETS_JOB}, which scrape_configs has too`,
      want: 'each job once',
      remedy: 'Call the job in scrape_configs otherwise, or move the targets there.',
    }),
  ];
}
