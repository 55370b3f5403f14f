import { expect, test } from 'vitest';

import { readEnvironment } from './environment.ts';

function faultsOf(env: Record<string, string>): string[] {
  return readEnvironment(env).faults.map((fault) => fault.message);
}

test('a variable becomes a reading with its name as source', () => {
  expect(readEnvironment({ HUBPULSE_PORT: '4700', PATH: '/bin' })).toEqual({
    readings: [{ name: 'port', value: 4700, source: { kind: 'variable', name: 'HUBPULSE_PORT' } }],
    faults: [],
  });
});

test('white space around a value is dropped and an empty variable is unset', () => {
  const env = { HUBPULSE_PORT: ' 4700\n', HUBPULSE_HOST: '', HUBPULSE_LOG_LEVEL: ' ' };
  expect(readEnvironment(env).readings.map(({ name, value }) => [name, value])).toEqual([
    ['port', 4700],
  ]);
  expect(faultsOf(env)).toEqual([]);
});

test('the variable that names the file is no setting and no fault', () => {
  expect(readEnvironment({ HUBPULSE_CONFIG: '/etc/x.yaml' })).toEqual({ readings: [], faults: [] });
});

test('a misspelt variable is refused with the one that was meant', () => {
  expect(faultsOf({ HUBPULSE_PROT: '1' })).toEqual([
    'HUBPULSE_PROT: got an unknown variable; want a known variable. Did you mean HUBPULSE_PORT? Correct or unset it.',
  ]);
});

test('a variable that is like none is refused with the list, and its value is not shown', () => {
  const [fault] = faultsOf({ HUBPULSE_FOO: 'hunter2' });
  expect(fault).toMatch(/^HUBPULSE_FOO: got an unknown variable; want only HUBPULSE_CONFIG, /);
  expect(fault).toContain('HUBPULSE_AGENT_INTERVAL_MS');
  expect(fault).not.toContain('hunter2');
});

test('faults are in alphabetical order, whatever the order of the variables', () => {
  expect(
    faultsOf({ HUBPULSE_ZZZ: '1', HUBPULSE_AAA: '1' }).map((line) => line.slice(0, 12)),
  ).toEqual(['HUBPULSE_AAA', 'HUBPULSE_ZZZ']);
});

/** What a pod gets for a Service `hubpulse` with one port, after the Kubernetes documentation. */
const SERVICE_LINKS = {
  HUBPULSE_SERVICE_HOST: '10.0.0.11',
  HUBPULSE_SERVICE_PORT: '4600',
  HUBPULSE_SERVICE_PORT_HTTP: '4600',
  HUBPULSE_PORT: 'tcp://10.0.0.11:4600',
  HUBPULSE_PORT_4600_TCP: 'tcp://10.0.0.11:4600',
  HUBPULSE_PORT_4600_TCP_PROTO: 'tcp',
  HUBPULSE_PORT_4600_TCP_PORT: '4600',
  HUBPULSE_PORT_4600_TCP_ADDR: '10.0.0.11',
};

test('variables that Kubernetes makes are one fault that names enableServiceLinks', () => {
  expect(faultsOf(SERVICE_LINKS)).toEqual([
    "HUBPULSE_PORT and 7 more: got variables that Kubernetes makes for a Service of this name; want only variables that set Hubpulse. Put enableServiceLinks: false into the pod's spec.",
  ]);
  expect(readEnvironment(SERVICE_LINKS).readings).toEqual([]);
});

test('so are those for a Service whose name only begins like ours', () => {
  const env = {
    HUBPULSE_DB_SERVICE_HOST: '10.0.0.12',
    HUBPULSE_DB_PORT: 'tcp://10.0.0.12:5432',
    HUBPULSE_DB_PORT_5432_TCP_ADDR: '10.0.0.12',
  };
  expect(faultsOf(env)).toEqual([expect.stringMatching(/^HUBPULSE_DB_PORT and 2 more: got/)]);
});

test('a real port beside them is still read', () => {
  const env = { ...SERVICE_LINKS, HUBPULSE_PORT: '4700' };
  expect(readEnvironment(env).readings).toMatchObject([{ name: 'port', value: 4700 }]);
});
