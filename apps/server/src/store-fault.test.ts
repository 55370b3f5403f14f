import { expect, test } from 'vitest';
import { StartupError } from './startup-error.ts';
import { explainStoreFault } from './store-fault.ts';
import { StoreError, type StoreErrorCode } from './store/port.ts';

test.each([
  ['locked', 'got a directory that another Hubpulse uses', 'Stop the other server'],
  ['newer_version', 'got data of a newer version', 'Install the newer version'],
  ['disk_full', 'got no room on the disk', 'Free some space'],
  ['unwritable', 'got /data: EACCES', 'Correct its permissions'],
  ['damaged', 'got /data: EACCES', 'Correct its permissions'],
] as const)('a store that is %s says what to do', (code: StoreErrorCode, got, remedy) => {
  const explained = explainStoreFault(new StoreError(code, '/data: EACCES'), '/data');
  expect(explained).toBeInstanceOf(StartupError);
  const { message } = explained as StartupError;
  expect(message).toContain('data directory /data');
  expect(message).toContain(got);
  expect(message).toContain(remedy);
  expect(message).toContain('HUBPULSE_DATA_DIR');
});

test('what is no refusal of a store stays as it is', () => {
  const defect = new TypeError('BUG');
  expect(explainStoreFault(defect, '/data')).toBe(defect);
});
