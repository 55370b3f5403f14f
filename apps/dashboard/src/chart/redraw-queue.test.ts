import { expect, test } from 'vitest';
import { createRedrawQueue } from './redraw-queue.ts';

function createFrames() {
  const waiting: (() => void)[] = [];
  return {
    queue: createRedrawQueue((run) => waiting.push(run)),
    frame: () => waiting.splice(0).forEach((run) => run()),
    isAsked: () => waiting.length > 0,
  };
}

test('runs one job a frame, in the order in which they came', () => {
  const { queue, frame, isAsked } = createFrames();
  const drawn: string[] = [];
  for (const name of ['a', 'b', 'c']) queue.request({}, () => drawn.push(name));
  expect(drawn).toEqual([]);
  frame();
  expect(drawn).toEqual(['a']);
  frame();
  frame();
  expect(drawn).toEqual(['a', 'b', 'c']);
  expect(isAsked()).toBe(false);
});

test('a chart that waits already is drawn once, with its newest job', () => {
  const { queue, frame } = createFrames();
  const drawn: string[] = [];
  const chart = {};
  queue.request(chart, () => drawn.push('old'));
  queue.request({}, () => drawn.push('other'));
  queue.request(chart, () => drawn.push('new'));
  frame();
  frame();
  frame();
  expect(drawn).toEqual(['new', 'other']);
});

test('a cancelled job does not run', () => {
  const { queue, frame } = createFrames();
  const drawn: string[] = [];
  const chart = {};
  queue.request(chart, () => drawn.push('a'));
  queue.cancel(chart);
  frame();
  expect(drawn).toEqual([]);
  queue.request(chart, () => drawn.push('b'));
  frame();
  expect(drawn).toEqual(['b']);
});

test('a job that fails does not stop the others', () => {
  const { queue, frame } = createFrames();
  const drawn: string[] = [];
  queue.request({}, () => {
    throw new Error('no canvas');
  });
  queue.request({}, () => drawn.push('b'));
  expect(frame).toThrow('no canvas');
  frame();
  expect(drawn).toEqual(['b']);
});

test('a job may ask to run again', () => {
  const { queue, frame } = createFrames();
  let count = 0;
  const chart = {};
  const run = () => {
    count++;
    if (count < 3) queue.request(chart, run);
  };
  queue.request(chart, run);
  for (let i = 0; i < 5; i++) frame();
  expect(count).toBe(3);
});
