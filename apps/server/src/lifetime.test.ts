import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';

import type { Clock } from './clock.ts';
import { runLifetime, type Running } from './lifetime.ts';
import { createLog } from './log.ts';

/** A clock that moves only when told. */
class HandClock implements Clock {
  #timeMs = 0;
  #timers: { readonly dueMs: number; readonly run: () => void }[] = [];

  nowMs = (): number => this.#timeMs;
  monotonicMs = (): number => this.#timeMs;

  schedule = (run: () => void, delayMs: number): (() => void) => {
    const timer = { dueMs: this.#timeMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on, runs what is due, and lets the promises that this resolved go on. */
  async advance(ms: number): Promise<void> {
    this.#timeMs += ms;
    const due = this.#timers.filter(({ dueMs }) => dueMs <= this.#timeMs);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
    await setImmediate();
  }
}

const never = new Promise<never>(() => undefined);

function begin(parts: Partial<Running> & { start?: () => Promise<Running> } = {}) {
  const clock = new HandClock();
  const signals = new EventEmitter();
  const events: string[] = [];
  const logged: string[] = [];
  const running: Running = {
    url: 'http://127.0.0.1:4600',
    failed: never,
    close: async () => {
      events.push('closed');
    },
    ...parts,
  };
  const ended = runLifetime({
    start: parts.start ?? (async () => running),
    announce: async ({ url }) => {
      events.push(`ready ${url}`);
    },
    signals,
    clock,
    log: createLog({
      level: 'debug',
      isTerminal: false,
      stream: { write: (line) => logged.push(line) },
    }),
  });
  return { clock, signals, events, logged, running, ended };
}

test.each(['SIGINT', 'SIGTERM'])('%s closes in order and ends with 0', async (signal) => {
  const { signals, events, ended, clock } = begin();
  await setImmediate();
  expect(events).toEqual(['ready http://127.0.0.1:4600']);
  signals.emit(signal);
  expect(await ended).toBe(0);
  expect(events).toEqual(['ready http://127.0.0.1:4600', 'closed']);
  expect(clock.pending).toBe(0);
});

test('afterwards no listener is left on the signals', async () => {
  const { signals, ended } = begin();
  expect(signals.listenerCount('SIGINT')).toBe(1);
  signals.emit('SIGINT');
  await ended;
  expect(signals.eventNames()).toEqual([]);
});

test('it runs on, however long, until it is told to end', async () => {
  const { clock, events, signals, ended } = begin();
  await clock.advance(86_400_000);
  expect(events).toEqual(['ready http://127.0.0.1:4600']);
  signals.emit('SIGTERM');
  expect(await ended).toBe(0);
});

test('what takes more than 5 s to close is named, and the code is 1', async () => {
  const { clock, signals, logged, ended } = begin({
    close: () => never,
    stillOpen: () => ['store'],
  });
  await setImmediate();
  signals.emit('SIGTERM');
  await clock.advance(4999);
  expect(logged).toEqual([]);
  await clock.advance(1);
  expect(await ended).toBe(1);
  expect(logged).toHaveLength(1);
  expect(JSON.parse(logged.at(0)!)).toMatchObject({
    level: 'error',
    limitMs: 5000,
    stillOpen: ['store'],
    msg: 'Hubpulse did not stop in time.',
  });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a second signal, %s, ends at once with %i', async (signal, code) => {
  const { clock, signals, ended } = begin({ close: () => never });
  await setImmediate();
  signals.emit('SIGINT');
  await clock.advance(1000);
  signals.emit(signal);
  expect(await ended).toBe(code);
});

test('the echo of one Ctrl-C through npm is no second signal', async () => {
  let finish: () => void = () => undefined;
  const closing = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const { clock, signals, ended } = begin({ close: () => closing });
  await setImmediate();
  signals.emit('SIGINT');
  await clock.advance(249);
  signals.emit('SIGINT');
  finish();
  expect(await ended).toBe(0);
});

test('a signal during start-up closes what was started, without a ready line', async () => {
  let started: (running: Running) => void = () => undefined;
  const { signals, events, running, ended } = begin({
    start: () =>
      new Promise((resolve) => {
        started = resolve;
      }),
  });
  signals.emit('SIGTERM');
  await setImmediate();
  started(running);
  expect(await ended).toBe(0);
  expect(events).toEqual(['closed']);
});

test('a start-up that does not end after a signal is given up after 5 s', async () => {
  const { clock, signals, logged, ended } = begin({ start: () => never });
  signals.emit('SIGTERM');
  await clock.advance(5000);
  expect(await ended).toBe(1);
  expect(logged.join('')).toContain('"stillOpen":["start-up"]');
});

test('what start rejects with comes out, and nothing is left behind', async () => {
  const { signals, events, ended, clock } = begin({
    start: () => Promise.reject(new Error('no port')),
  });
  await expect(ended).rejects.toThrow('no port');
  expect(events).toEqual([]);
  expect(signals.eventNames()).toEqual([]);
  expect(clock.pending).toBe(0);
});

test.each([
  ['resolves', () => Promise.resolve(new Error('the worker died'))],
  ['rejects', () => Promise.reject(new Error('the worker died'))],
])('when a part fails (%s) the rest is closed and the code is 1', async (_how, failed) => {
  const { events, logged, ended } = begin({ failed: failed() });
  expect(await ended).toBe(1);
  expect(events).toEqual(['ready http://127.0.0.1:4600', 'closed']);
  expect(JSON.parse(logged.at(0)!)).toMatchObject({
    level: 'error',
    err: { message: 'the worker died' },
  });
});

test('after the failure of a part closing has 5 s too', async () => {
  const { clock, logged, ended } = begin({ failed: Promise.resolve('gone'), close: () => never });
  await setImmediate();
  await clock.advance(5000);
  expect(await ended).toBe(1);
  expect(logged).toHaveLength(2);
});

test('when closing fails it is logged with its cause and the code is 1', async () => {
  const { signals, logged, ended } = begin({
    close: () => Promise.reject(new Error('not saved', { cause: new Error('no space') })),
  });
  signals.emit('SIGINT');
  expect(await ended).toBe(1);
  expect(JSON.parse(logged.at(0)!)).toMatchObject({
    msg: 'Hubpulse could not stop in order.',
    err: { message: 'not saved', cause: { message: 'no space' } },
  });
});
