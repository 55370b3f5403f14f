import { expect, test } from 'vitest';
import { explainNpm, isInstalledByNpm } from './install.mjs';

const wanted = {
  '': {},
  'node_modules/a': { integrity: 'sha512-a' },
  'node_modules/hubpulse': { link: true },
  'node_modules/fsevents': { integrity: 'sha512-f', optional: true },
};

test('an installation counts when npm installed every package that the lock file names', () => {
  expect(isInstalledByNpm(wanted, { 'node_modules/a': { integrity: 'sha512-a' } })).toBe(true);
});

test('an installation with a missing or another package does not count', () => {
  expect(isInstalledByNpm(wanted, {})).toBe(false);
  expect(isInstalledByNpm(wanted, { 'node_modules/a': { integrity: 'sha512-b' } })).toBe(false);
});

test.each([
  ['ENOTFOUND', /Check the network/],
  ['EROFS', /writable for this user/],
  ['EUSAGE', /run "npm install"/],
  ['ENOSPC', /disk space/],
])('npm code %s comes with its remedy', (code, remedy) => {
  const message = explainNpm(`npm http fetch\nnpm error code ${code}\nnpm error because\nnoise`);
  expect(message).toContain(`got ${code}; want`);
  expect(message).toMatch(remedy);
  expect(message).toContain('npm error because');
  expect(message).not.toContain('noise');
});

test('the error format of npm 10 before 10.8 is understood', () => {
  expect(explainNpm('npm ERR! code EAI_AGAIN\n')).toMatch(/got EAI_AGAIN.*Check the network/);
});

test('an unknown code still shows what npm said', () => {
  expect(explainNpm('npm error code EWHAT\nnpm error something else')).toMatch(
    /EWHAT[^]*something else/,
  );
});
