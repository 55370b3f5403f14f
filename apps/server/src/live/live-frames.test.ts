import { expect, test } from 'vitest';
import { createLiveFrames } from './live-frames.ts';

const frame = (tMs: number) => ({ tMs, lines: [] });
const published = (count: number, capacity = 3) => {
  const frames = createLiveFrames({ epoch: 'run-1', capacity });
  for (let i = 1; i <= count; i++) frames.publish(frame(i * 1000));
  return frames;
};
const timesOf = ({ frames }: { frames: readonly { frame: { tMs: number } }[] }) =>
  frames.map((f) => f.frame.tMs);

test('a subscriber gets each frame under a new id until it leaves', () => {
  const frames = createLiveFrames({ epoch: 'run-1', capacity: 3 });
  const got: string[] = [];
  const leave = frames.subscribe(({ id }) => got.push(id));
  frames.publish(frame(1000));
  frames.publish(frame(1000));
  leave();
  frames.publish(frame(2000));
  expect(got).toEqual(['run-1.1', 'run-1.2']);
});

test('a client resumes after the frame that it saw last', () => {
  expect(timesOf(published(5).replay({ lastEventId: 'run-1.3' }))).toEqual([4000, 5000]);
  expect(published(5).replay({ lastEventId: 'run-1.5' })).toEqual({ frames: [], gap: false });
  expect(timesOf(published(5).replay({ lastEventId: 'run-1.2' }))).toEqual([3000, 4000, 5000]);
});

test.each([
  ['frames that are no longer kept', 'run-1.1'],
  ['another run of the server', 'run-0.5'],
  ['a frame that was never sent', 'run-1.6'],
  ['no id of ours', '<script>'],
  ['a number that is none', 'run-1.NaN'],
  ['a negative number', 'run-1.-1'],
])('%s is a gap', (_, lastEventId) => {
  expect(published(5).replay({ lastEventId })).toEqual({ frames: [], gap: true });
});

test('a first connection gets the kept frames after an instant', () => {
  expect(timesOf(published(5).replay({ sinceMs: 3000 }))).toEqual([4000, 5000]);
});

test('a first connection gets at least the newest frame', () => {
  expect(timesOf(published(5).replay({ sinceMs: 9000 }))).toEqual([5000]);
  expect(timesOf(published(5).replay({ sinceMs: Number.POSITIVE_INFINITY }))).toEqual([5000]);
  expect(timesOf(published(0).replay({ sinceMs: 0 }))).toEqual([]);
});
