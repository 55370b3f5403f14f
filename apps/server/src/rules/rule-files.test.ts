import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRuleFiles, type RuleFiles } from './rule-files.ts';
import { createRig, type Rig } from './rules.test-rig.ts';

let folder = '';
let files: RuleFiles | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hubpulse-rules-'));
});

afterEach(async () => {
  await files?.stop();
  files = undefined;
  rmSync(folder, { recursive: true });
});

const text = (group: string, ...names: string[]): string =>
  `groups: [{ name: ${group}, rules: [${names.map((name) => `{ record: ${name}, expr: 1 }`).join(', ')}] }]`;

const write = (name: string, content: string | Uint8Array) =>
  writeFile(join(folder, name), content);

/** Follows patterns in the folder. */
const follow = async (...patterns: string[]) => {
  const rig = createRig();
  const changes: string[][] = [];
  const followed = createRuleFiles({
    patterns: patterns.map((pattern) => join(folder, pattern)),
    clock: rig.clock,
    log: rig.log,
  });
  files = followed;
  await followed.start(async () => void changes.push(namesOf(followed)));
  return { rig, changes, followed };
};

const namesOf = (followed: RuleFiles): string[] =>
  followed.groups().flatMap(({ rules }) => rules.map(({ name }) => name));

/** Lets one look happen. Files are read by threads, so it is waited for until nothing changes. */
const look = async ({ clock }: Rig): Promise<void> => {
  clock.advance(2000);
  await files?.idle();
};

describe('rule files', () => {
  test('are those that the patterns name, each once and in order', async () => {
    await write('b.yaml', text('b', 'b1'));
    await write('a.yaml', text('a', 'a1', 'a2'));
    await write('c.yml', text('c', 'c1'));
    await write('.d.yaml', text('d', 'd1'));
    const { followed, changes } = await follow('*.yaml', 'b.yaml', '?.yml', 'none*.yaml');
    expect(namesOf(followed)).toEqual(['a1', 'a2', 'b1', 'c1']);
    expect(changes).toHaveLength(1);
    expect(followed.stats()).toEqual({ files: 3, broken: 0, reads: 3, failedReads: 0 });
  });

  test('that cannot be read are told, counted and cost no other', async () => {
    await write('good.yaml', text('a', 'a1'));
    await write('large.yaml', `#${' '.repeat(512 * 1024)}`);
    await write('latin.yaml', Uint8Array.of(0x23, 0xe4));
    await mkdir(join(folder, 'folder.yaml'));
    const { followed, rig } = await follow('*.yaml', 'missing.yaml', 'nowhere/*.yaml');
    expect(namesOf(followed)).toEqual(['a1']);
    expect(followed.stats()).toEqual({ files: 4, broken: 5, reads: 4, failedReads: 3 });
    expect(followed.faultOf(join(folder, 'large.yaml'))).toBe(
      `${folder}/large.yaml: got 524289 bytes; want a readable YAML file of at most 512 KiB in UTF-8`,
    );
    expect(followed.faultOf(join(folder, 'latin.yaml'))).toContain('got bytes that are not UTF-8');
    expect(followed.faultOf(join(folder, 'folder.yaml'))).toContain('got a directory');
    expect(rig.lines.join('')).toContain('missing.yaml: got no such file; want a readable file');
    expect(rig.lines.join('')).toContain('*.yaml: got no such file; want a readable folder');
  });
});

describe('a change', () => {
  test('counts when two looks find the same', async () => {
    await write('a.yaml', text('a', 'a1'));
    const { rig, followed, changes } = await follow('*.yaml');
    await look(rig);
    expect(changes).toHaveLength(1);
    await write('a.yaml', text('a', 'a1', 'a2'));
    await write('b.yaml', text('b', 'b1'));
    await look(rig);
    expect(namesOf(followed)).toEqual(['a1']);
    await look(rig);
    expect(namesOf(followed)).toEqual(['a1', 'a2', 'b1']);
    expect(changes).toHaveLength(2);
    await look(rig);
    expect(changes).toHaveLength(2);
  });

  test('to a text that is not valid keeps the rules from before, and says why', async () => {
    await write('a.yaml', text('a', 'a1'));
    const { rig, followed } = await follow('a.yaml');
    await write('a.yaml', 'groups: [{ name: a, rulez: [] }]');
    await look(rig);
    await look(rig);
    expect(namesOf(followed)).toEqual(['a1']);
    expect(followed.faultOf(join(folder, 'a.yaml'))).toContain(
      'a.yaml:1:21: groups[0]: got the unknown key "rulez"',
    );
    expect(followed.stats()).toMatchObject({ files: 1, broken: 1, failedReads: 1 });
    expect(rig.lines.at(-1)).toContain('The rules from before go on.');
    await look(rig);
    expect(followed.stats().failedReads).toBe(1);
    await write('a.yaml', text('a', 'a2'));
    await look(rig);
    await look(rig);
    expect(namesOf(followed)).toEqual(['a2']);
    expect(followed.stats()).toMatchObject({ broken: 0, reads: 3 });
  });

  test('that takes a file away takes its rules', async () => {
    await write('a.yaml', text('a', 'a1'));
    await write('b.yaml', text('b', 'b1'));
    const { rig, followed } = await follow('*.yaml');
    await rm(join(folder, 'a.yaml'));
    await look(rig);
    expect(namesOf(followed)).toEqual(['a1', 'b1']);
    await look(rig);
    expect(namesOf(followed)).toEqual(['b1']);
  });

  test('to more groups than all files may have is refused', async () => {
    const groups = (count: number): string =>
      `groups:\n${Array.from({ length: count }, (_, i) => `- { name: g${i}, rules: [{ record: x, expr: 1 }] }`).join('\n')}`;
    await write('a.yaml', groups(600));
    await write('b.yaml', groups(400));
    await write('c.yaml', groups(1));
    const { followed } = await follow('*.yaml');
    expect(followed.groups()).toHaveLength(1000);
    expect(followed.faultOf(join(folder, 'c.yaml'))).toContain(
      'got 1001 groups with those of other files; want at most 1000',
    );
  });
});

test('without patterns nothing is looked for', async () => {
  const { followed, changes } = await follow();
  expect(followed.stats()).toEqual({ files: 0, broken: 0, reads: 0, failedReads: 0 });
  expect(changes).toEqual([]);
});
