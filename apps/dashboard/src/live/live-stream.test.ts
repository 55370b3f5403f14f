import type { LiveFrame } from '@hubpulse/api';
import { expect, test } from 'vitest';
import { createLiveStream, type LiveSource, type LiveState } from './live-stream.ts';

/** An `EventSource` that a test speaks through. */
class TestSource implements LiveSource {
  readonly url: string;
  readyState = 0;
  readonly #listeners = new Map<string, ((event: { data?: unknown }) => void)[]>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  close(): void {
    this.readyState = 2;
  }

  emit(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data });
  }

  open(): void {
    this.readyState = 1;
    this.emit('open');
  }

  frame(tMs: number): void {
    this.emit('frame', JSON.stringify({ tMs, lines: [] }));
  }

  /** The browser lost the connection and tries again by itself. */
  lose(): void {
    this.readyState = 0;
    this.emit('error');
  }

  /** The server refused, so the browser gives up. */
  refuse(): void {
    this.readyState = 2;
    this.emit('error');
  }
}

/** Timers that run when a test lets time pass. */
function createTimers() {
  let nowMs = 0;
  const timers = new Set<{ run: () => void; atMs: number }>();
  return {
    schedule: (run: () => void, delayMs: number) => {
      const timer = { run, atMs: nowMs + delayMs };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    pass: (ms: number) => {
      const endMs = nowMs + ms;
      for (;;) {
        const due = [...timers].filter(({ atMs }) => atMs <= endMs);
        const [next] = due.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.atMs;
        next.run();
      }
      nowMs = endMs;
    },
    count: () => timers.size,
  };
}

interface Surroundings {
  readonly sinceMs?: () => number;
  readonly throwing?: () => boolean;
}

function createStream({ sinceMs = () => 1000, throwing = () => false }: Surroundings = {}) {
  const timers = createTimers();
  const sources: TestSource[] = [];
  const states: LiveState[] = [];
  const frames: LiveFrame[] = [];
  let resets = 0;
  let isHidden = false;
  const watchers = new Set<() => void>();
  const stream = createLiveStream({
    url: (from) => `/live?sinceMs=${from}`,
    createEventSource: (url) => {
      if (throwing()) throw new SyntaxError('refused');
      const source = new TestSource(url);
      sources.push(source);
      return source;
    },
    schedule: timers.schedule,
    visibility: {
      isHidden: () => isHidden,
      subscribe: (run) => {
        watchers.add(run);
        return () => watchers.delete(run);
      },
    },
    sinceMs,
    frameIntervalMs: () => 5000,
    onFrame: (frame) => frames.push(frame),
    onReset: () => {
      resets++;
    },
    onState: (state) => states.push(state),
  });
  return {
    stream,
    timers,
    sources,
    states,
    frames,
    watchers,
    resets: () => resets,
    source: () => sources.at(-1)!,
    setHidden: (hidden: boolean) => {
      isHidden = hidden;
      for (const run of watchers) run();
    },
  };
}

test('is live from the first frame on, and asks for frames from where the reader is', () => {
  const { stream, source, states, frames } = createStream({ sinceMs: () => 42 });
  expect(stream.state).toBe('paused');
  stream.start();
  expect(source().url).toBe('/live?sinceMs=42');
  source().open();
  expect(states).toEqual(['connecting']);
  source().frame(5000);
  expect(states).toEqual(['connecting', 'live']);
  expect(frames).toEqual([{ tMs: 5000, lines: [] }]);
});

test('starting twice opens one stream', () => {
  const { stream, sources } = createStream();
  stream.start();
  stream.start();
  expect(sources).toHaveLength(1);
});

test('messages that are no frames are counted and left out', () => {
  const { stream, source, frames } = createStream();
  stream.start();
  source().open();
  source().emit('frame', '{');
  source().emit('frame', undefined);
  source().emit('frame', JSON.stringify({ tMs: 'now', lines: [] }));
  expect(stream.badMessages).toBe(3);
  expect(frames).toEqual([]);
  expect(stream.state).toBe('connecting');
});

test('a reset of the server is passed on', () => {
  const { stream, source, resets } = createStream();
  stream.start();
  source().emit('reset');
  expect(resets()).toBe(1);
});

test('a lost connection that the browser restores by itself is left to it', () => {
  const { stream, source, sources, states } = createStream();
  stream.start();
  source().open();
  source().frame(5000);
  source().lose();
  expect(stream.state).toBe('reconnecting');
  source().open();
  source().frame(10_000);
  expect(sources).toHaveLength(1);
  expect(states).toEqual(['connecting', 'live', 'reconnecting', 'live']);
});

test('after two failed reconnections the page polls, while new attempts go on', () => {
  const { stream, source, sources, states, timers } = createStream();
  stream.start();
  source().open();
  source().frame(5000);
  source().lose();
  source().lose();
  expect(stream.state).toBe('reconnecting');
  source().lose();
  expect(states).toEqual(['connecting', 'live', 'reconnecting', 'polling']);
  expect(source().readyState).toBe(2);
  timers.pass(4000);
  expect(sources).toHaveLength(2);
  source().open();
  expect(stream.state).toBe('polling');
  source().frame(20_000);
  expect(stream.state).toBe('live');
});

test('attempts become rarer, down to one every 30 s, and never stop', () => {
  const { stream, source, sources, timers } = createStream();
  stream.start();
  const delays: number[] = [];
  for (let attempt = 1; attempt <= 9; attempt++) {
    source().refuse();
    let waited = 0;
    while (sources.length === attempt && waited < 60_000) {
      timers.pass(500);
      waited += 500;
    }
    delays.push(waited);
  }
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test('a frame makes the next failure the first again', () => {
  const { stream, source, sources, timers } = createStream();
  stream.start();
  source().refuse();
  timers.pass(1000);
  source().refuse();
  timers.pass(2000);
  source().open();
  source().frame(5000);
  source().refuse();
  expect(stream.state).toBe('reconnecting');
  timers.pass(1000);
  expect(sources).toHaveLength(4);
});

test('three frame intervals without a frame lose the connection', () => {
  const { stream, source, sources, timers } = createStream();
  stream.start();
  source().open();
  source().frame(5000);
  timers.pass(14_999);
  expect(stream.state).toBe('live');
  timers.pass(1);
  expect(stream.state).toBe('reconnecting');
  expect(sources[0]?.readyState).toBe(2);
  timers.pass(1000);
  expect(sources).toHaveLength(2);
});

test('a connection that never opens, or opens and stays silent, is given up too', () => {
  const { stream, source, sources, timers } = createStream();
  stream.start();
  timers.pass(16_000);
  expect(sources).toHaveLength(2);
  source().open();
  timers.pass(17_000);
  expect(sources).toHaveLength(3);
  source().open();
  timers.pass(15_000);
  expect(stream.state).toBe('polling');
});

test('a source that cannot be made counts as a failed attempt', () => {
  let isBroken = true;
  const { stream, sources, timers } = createStream({ throwing: () => isBroken });
  stream.start();
  timers.pass(3000);
  expect(stream.state).toBe('polling');
  isBroken = false;
  timers.pass(4000);
  expect(sources).toHaveLength(1);
});

test('what an abandoned source still says is not heard', () => {
  const { stream, source, sources, timers, frames, resets } = createStream();
  stream.start();
  source().refuse();
  timers.pass(1000);
  sources[0]?.frame(5000);
  sources[0]?.emit('reset');
  sources[0]?.emit('error');
  expect(frames).toEqual([]);
  expect(resets()).toBe(0);
  expect(sources).toHaveLength(2);
});

test('after a lost connection, frames that do not follow on ask for the overview anew', () => {
  const { stream, source, timers, resets } = createStream({ sinceMs: () => 100_000 });
  stream.start();
  source().open();
  source().frame(200_000);
  expect(resets()).toBe(0);
  source().refuse();
  timers.pass(1000);
  source().open();
  source().frame(105_000);
  expect(resets()).toBe(0);
  source().refuse();
  timers.pass(1000);
  source().open();
  source().frame(120_000);
  expect(resets()).toBe(1);
  source().frame(125_000);
  expect(resets()).toBe(1);
});

test('a server’s clock that is set back asks for the overview anew, a replay does not', () => {
  const { stream, source, resets, frames } = createStream();
  stream.start();
  source().open();
  source().frame(1_000_000);
  source().frame(990_000);
  expect(resets()).toBe(0);
  source().frame(500_000);
  expect(resets()).toBe(1);
  source().frame(505_000);
  expect(resets()).toBe(1);
  source().lose();
  source().open();
  source().frame(400_000);
  expect(resets()).toBe(1);
  expect(frames).toHaveLength(5);
});

test('a page that is hidden for a minute closes its stream, and backfills when it is seen again', () => {
  const { stream, source, sources, timers, setHidden, resets, states } = createStream();
  stream.start();
  source().open();
  source().frame(5000);
  setHidden(true);
  for (let tMs = 10_000; tMs <= 60_000; tMs += 5000) {
    timers.pass(5000);
    source().frame(tMs);
  }
  expect(stream.state).toBe('live');
  timers.pass(5000);
  expect(stream.state).toBe('paused');
  expect(source().readyState).toBe(2);
  timers.pass(600_000);
  expect(sources).toHaveLength(1);
  setHidden(false);
  expect(resets()).toBe(1);
  expect(sources).toHaveLength(2);
  expect(states).toEqual(['connecting', 'live', 'paused', 'connecting']);
});

test('a page that is hidden for less keeps its stream', () => {
  const { stream, source, sources, timers, setHidden, resets } = createStream();
  stream.start();
  source().open();
  source().frame(5000);
  setHidden(true);
  timers.pass(10_000);
  setHidden(false);
  source().frame(10_000);
  timers.pass(14_000);
  expect(sources).toHaveLength(1);
  expect(resets()).toBe(0);
});

test('a page that is hidden from the start closes its stream after a minute as well', () => {
  const { stream, timers, setHidden } = createStream();
  setHidden(true);
  stream.start();
  timers.pass(60_000);
  expect(stream.state).toBe('paused');
});

test('stopping closes the stream and leaves no timer and no listener behind', () => {
  const { stream, source, sources, timers, watchers, setHidden, frames } = createStream();
  stream.start();
  source().open();
  setHidden(true);
  stream.stop();
  expect(stream.state).toBe('paused');
  expect(source().readyState).toBe(2);
  expect(timers.count()).toBe(0);
  expect(watchers.size).toBe(0);
  source().frame(5000);
  expect(frames).toEqual([]);
  setHidden(false);
  stream.start();
  expect(sources).toHaveLength(2);
  expect(stream.state).toBe('connecting');
});

test('stopping while an attempt waits ends the attempts', () => {
  const { stream, source, sources, timers } = createStream();
  stream.start();
  source().refuse();
  stream.stop();
  timers.pass(120_000);
  expect(sources).toHaveLength(1);
});
