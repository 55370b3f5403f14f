import { shorten, StartupError } from '../startup-error.ts';
import { closestWord, didYouMean } from './closest-word.ts';
import type { Reading, Readings } from './reading.ts';
import { SETTING_NAMES, SETTINGS, variableOf } from './settings.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file; it cannot stand in that file, so it is no setting. */
export const CONFIG_VARIABLE = 'HUBPULSE_CONFIG';

const PREFIX = 'HUBPULSE_';

/**
 * Reads the settings that `HUBPULSE_*` variables give. White space at both ends is dropped (secrets mounted from files
 * end in a line feed); an empty variable counts as unset, as OpenTelemetry prescribes for its own.
 */
export function readEnvironment(env: Environment): Readings {
  const readings: Reading[] = [];
  const unknown: string[] = [];
  const serviceLinks: string[] = [];
  for (const [variable, text] of Object.entries(env).toSorted(byName)) {
    const trimmed = text?.trim() ?? '';
    if (!variable.startsWith(PREFIX) || variable === CONFIG_VARIABLE || trimmed === '') continue;
    const name = SETTING_NAMES.find((candidate) => variableOf(SETTINGS[candidate]) === variable);
    if (isServiceLink(variable, trimmed)) serviceLinks.push(variable);
    else if (name === undefined) unknown.push(variable);
    else {
      const value = SETTINGS[name].kind.parseText(trimmed);
      readings.push({ name, value, source: { kind: 'variable', name: variable } });
    }
  }
  return {
    readings,
    faults: [...serviceLinkFaults(serviceLinks), ...unknown.map(unknownVariable)],
  };
}

/** Faults come in the same order whatever order the shell had. */
function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

/**
 * Whether Kubernetes made the variable for a Service called `hubpulse` or `hubpulse-…`: `HUBPULSE_SERVICE_HOST`,
 * `HUBPULSE_SERVICE_PORT_HTTP`, `HUBPULSE_PORT=tcp://10.0.0.1:4600`, `HUBPULSE_PORT_4600_TCP_ADDR`. Source: Kubernetes
 * documentation, "Service, environment variables" (the form of Docker's container links).
 */
function isServiceLink(variable: string, text: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_\w+)?)$/.test(variable)) return true;
  if (/_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(variable)) return true;
  return variable.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(text);
}

function serviceLinkFaults(variables: readonly string[]): StartupError[] {
  const [first] = variables;
  if (first === undefined) return [];
  const others = variables.length === 1 ? '' : ` and ${variables.length - 1} more`;
  return [
    new StartupError({
      what: first + others,
      got: 'variables that Kubernetes makes for a Service of this name',
      want: 'only variables that set Hubpulse',
      remedy: "Put enableServiceLinks: false into the pod's spec.",
    }),
  ];
}

function unknownVariable(variable: string): StartupError {
  const known = [CONFIG_VARIABLE, ...SETTING_NAMES.map((name) => variableOf(SETTINGS[name]))];
  // Without the prefix, which would make any two of them look alike.
  const guess = closestWord(
    variable.slice(PREFIX.length),
    known.map((name) => name.slice(PREFIX.length)),
  );
  return new StartupError({
    what: shorten(variable),
    got: 'an unknown variable',
    want: guess === undefined ? `only ${known.join(', ')}` : 'a known variable',
    remedy: `${didYouMean(guess === undefined ? guess : PREFIX + guess)}Correct or unset it.`,
  });
}
