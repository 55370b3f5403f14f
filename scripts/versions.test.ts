import { expect, test } from 'vitest';
import { Failure } from './failure.mjs';
import { checkNode, checkNpm } from './versions.mjs';

test.each(['20.0.0', '22.16.0', '24.21.0', '26.0.0'])('Node %s is new enough', (version) => {
  expect(() => checkNode(version)).not.toThrow();
});

test('an older Node is refused with what was got and wanted', () => {
  expect(() => checkNode('18.20.4')).toThrow(Failure);
  expect(() => checkNode('18.20.4')).toThrow(/got 18\.20\.4; want 20 or newer\. Get one/);
});

test.each(['10.8.2', '11.19.1'])('npm %s is new enough', (version) => {
  expect(() => checkNpm(version)).not.toThrow();
});

test('an older npm is refused with the command that installs a newer one', () => {
  expect(() => checkNpm('9.2.0')).toThrow(/got 9\.2\.0; want 10 or newer\. Install it with "npm/);
});

test('a missing npm is told apart from an old one', () => {
  expect(() => checkNpm('')).toThrow(/npm is missing: got none on the PATH/);
});
