import { expect, test } from 'vitest';
import { createClosing } from './closing.ts';

test('parts close one after another, once', async () => {
  const order: string[] = [];
  const part = (name: string) =>
    [
      name,
      async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      },
    ] as const;
  const closing = createClosing([part('http'), part('store')]);
  await Promise.all([closing.close(), closing.close()]);
  expect(order).toEqual(['http begins', 'http ends', 'store begins', 'store ends']);
});

test('a part that fails to close keeps no other open, and its failure is told', async () => {
  const fails = async () => {
    throw new Error('no');
  };
  let isClosed = false;
  const closing = createClosing([
    ['http', fails],
    ['store', async () => void (isClosed = true)],
  ]);
  await expect(closing.close()).rejects.toThrow('no');
  expect(isClosed).toBe(true);
});

test('what is still open can be named', async () => {
  let release = () => {};
  const stuck = () => new Promise<void>((resolve) => (release = resolve));
  const closing = createClosing([
    ['http', async () => undefined],
    ['store', stuck],
  ]);
  expect(closing.stillOpen()).toEqual(['http', 'store']);
  const ended = closing.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(closing.stillOpen()).toEqual(['store']);
  release();
  await ended;
  expect(closing.stillOpen()).toEqual([]);
});
