import { expect, test } from 'vitest';
import { missingEntries, platformOf } from './complete-lock.mjs';
import { readJson } from './project.mjs';

test.each([
  ['@oxlint/binding-linux-arm64-musl', { os: ['linux'], cpu: ['arm64'], libc: ['musl'] }],
  ['@oxlint/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
  ['@oxlint-tsgolint/win32-x64', { os: ['win32'], cpu: ['x64'] }],
  ['@tailwindcss/oxide-wasm32-wasi', { cpu: ['wasm32'] }],
  ['fsevents', undefined],
])('the platform of %s is read from its name', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});

test('a platform package that npm left out gets an entry, one that stands anywhere around does not', () => {
  const tool = {
    dev: true,
    optionalDependencies: { 'b-linux-x64': '1.0.0', 'b-win32-x64': '1.0.0' },
  };
  const packages = { 'node_modules/tool': tool, 'node_modules/b-linux-x64': { version: '1.0.0' } };
  expect(missingEntries(packages)).toEqual({
    'node_modules/b-win32-x64': {
      version: '1.0.0',
      os: ['win32'],
      cpu: ['x64'],
      dev: true,
      optional: true,
    },
  });
  expect(missingEntries({ ...packages, ...missingEntries(packages) })).toEqual({});
});

test('package-lock.json names every platform; "node scripts/complete-lock.mjs" completes it', () => {
  expect(Object.keys(missingEntries(readJson('package-lock.json').packages))).toEqual([]);
});
