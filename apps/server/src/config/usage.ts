import { CONFIG_VARIABLE } from './environment.ts';
import { alignColumns } from './listing.ts';
import { formatValue, SETTING_NAMES, SETTINGS, variableOf } from './settings.ts';

/** What `hubpulse --help` prints. */
export function formatUsage(version: string): string {
  return `Hubpulse ${version}: performance monitoring for AI services.

Usage: hubpulse [command] [flags]

Commands:
${indent([
  ['start', 'Start the server (also without a command); Ctrl-C stops it.'],
  ['config', 'Print the effective configuration and where each value comes from.'],
  ['rules check FILE…', 'Check rule files; ends with 1 when one is not valid.'],
  ['help', 'Print this text.'],
  ['version', 'Print the version.'],
])}
Flags:
${indent([
  ['--config FILE', `Read this file (${CONFIG_VARIABLE}) instead of ./hubpulse.yaml.`],
  ...settingFlags(),
  ['--json', 'With config: print JSON.'],
  ['-h, --help', 'Print this text.'],
  ['-v, --version', 'Print the version.'],
])}
Settings: a key in hubpulse.yaml, over it the variable, over it the flag.
${indent(
  SETTING_NAMES.map((name) => {
    const setting = SETTINGS[name];
    return [setting.key, variableOf(setting), `default ${formatValue(setting.default)}`];
  }),
)}
docs/configuration.md explains each setting.
`;
}

function settingFlags(): string[][] {
  return SETTING_NAMES.flatMap((name) => {
    const { flag, meaning } = SETTINGS[name];
    return flag === undefined ? [] : [[`--${flag} VALUE`, meaning]];
  });
}

function indent(rows: readonly (readonly string[])[]): string {
  return alignColumns(rows).replaceAll(/^/gm, '  ').trimEnd().concat('\n');
}
