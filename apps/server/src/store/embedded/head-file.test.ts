import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeadFile } from './head-file.ts';

const MARKER = { seal: 0, lastBatch: 0, nextRef: 1 };

let directory = '';
let path = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hubpulse-head-'));
  path = join(directory, 'head.db');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function append(file: HeadFile, rows: number, value: number): void {
  const batch = {
    refs: new Uint32Array(rows).fill(1),
    tMs: Float64Array.from({ length: rows }, (_, i) => i),
    values: new Float64Array(rows).fill(value),
  };
  file.append([{ batch, newSeries: [{ key: 1, labels: '[]' }] }]);
}

function valuesAfter(file: HeadFile, batch: number): number[] {
  return Array.from(
    file.batches(batch, () => {}),
    ({ values }) => values[0] ?? NaN,
  );
}

describe('the head file', () => {
  it('gives back batches in their order, after any of them', () => {
    const file = HeadFile.open(path, () => MARKER);
    for (const value of [1, 2, 3]) append(file, 10, value);
    file.close();
    const again = HeadFile.open(path, () => MARKER);
    expect(again.lastBatch).toBe(3);
    expect(valuesAfter(again, 0)).toEqual([1, 2, 3]);
    expect(valuesAfter(again, 2)).toEqual([3]);
    again.close();
  });

  it('cuts a batch that is too long for one row, all or nothing', () => {
    const file = HeadFile.open(path, () => MARKER);
    append(file, 2 ** 20 + 1, 1);
    const lengths = Array.from(
      file.batches(0, () => {}),
      ({ refs }) => refs.length,
    );
    expect(lengths).toEqual([2 ** 20, 1]);
    file.close();
  });

  it('never gives the number of a trimmed batch to another', () => {
    const file = HeadFile.open(path, () => MARKER);
    append(file, 1, 1);
    append(file, 1, 2);
    file.mark(1, file.lastBatch);
    while (file.trimSome(2));
    file.close();
    const again = HeadFile.open(path, () => MARKER);
    append(again, 1, 3);
    expect(again.lastBatch).toBe(3);
    expect(valuesAfter(again, again.marker().lastBatch)).toEqual([3]);
    again.close();
  });

  it('gives the disk back what a flood of batches took', () => {
    const file = HeadFile.open(path, () => MARKER);
    for (let i = 0; i < 5; i++) append(file, 2 ** 20, i);
    file.close();
    const fullBytes = statSync(path).size;
    const again = HeadFile.open(path, () => MARKER);
    while (again.trimSome(again.lastBatch));
    while (again.shrinkSome());
    append(again, 1, 7);
    again.close();
    expect(fullBytes).toBeGreaterThan(60_000_000);
    expect(statSync(path).size).toBeLessThan(36_000_000);
    const last = HeadFile.open(path, () => MARKER);
    expect(valuesAfter(last, 0)).toEqual([7]);
    last.close();
  });
});
