import { expect, test } from 'vitest';
import { type Crosshair, moveCrosshair, NO_CROSSHAIR } from './crosshair.ts';

const LENGTH = 60;
const press = (crosshair: Crosshair, key: string, shiftKey = false) =>
  moveCrosshair(crosshair, { key, shiftKey }, LENGTH);
const at = (index: number, anchor: number | null = null): Crosshair => ({ index, anchor });

test.each([
  ['ArrowLeft', false],
  ['ArrowRight', true],
  ['PageUp', false],
  ['End', false],
])('the first %s shows the crosshair at the newest step', (key, shiftKey) => {
  expect(press(NO_CROSSHAIR, key, shiftKey)?.crosshair).toEqual(at(59));
});

test.each([
  ['ArrowLeft', false, 29],
  ['ArrowRight', false, 31],
  ['ArrowLeft', true, 20],
  ['ArrowRight', true, 40],
  ['PageUp', false, 20],
  ['PageDown', false, 40],
  ['Home', false, 0],
  ['End', false, 59],
])('%s (Shift: %s) goes from 30 to %d', (key, shiftKey, index) => {
  expect(press(at(30), key, shiftKey)).toEqual({ crosshair: at(index), zoom: null });
});

test('stays between the ends, also when the chart has become shorter', () => {
  expect(press(at(0), 'ArrowLeft')?.crosshair).toEqual(at(0));
  expect(press(at(55), 'ArrowRight', true)?.crosshair).toEqual(at(59));
  expect(press(at(500), 'ArrowLeft')?.crosshair).toEqual(at(58));
});

test('Space marks where a stretch begins, moving keeps the mark, Space again takes it off', () => {
  expect(press(at(30), ' ')?.crosshair).toEqual(at(30, 30));
  expect(press(at(30, 30), 'ArrowRight')?.crosshair).toEqual(at(31, 30));
  expect(press(at(31, 30), ' ')?.crosshair).toEqual(at(31));
});

test('Enter zooms to the marked stretch, in order, and the crosshair goes', () => {
  expect(press(at(40, 30), 'Enter')).toEqual({ crosshair: NO_CROSSHAIR, zoom: [30, 40] });
  expect(press(at(20, 30), 'Enter')).toEqual({ crosshair: NO_CROSSHAIR, zoom: [20, 30] });
});

test('Escape gives up the mark, then the crosshair, then is left to the page', () => {
  expect(press(at(20, 30), 'Escape')?.crosshair).toEqual(at(20));
  expect(press(at(20), 'Escape')?.crosshair).toEqual(NO_CROSSHAIR);
  expect(press(NO_CROSSHAIR, 'Escape')).toBeNull();
});

test('keys without a meaning here are left to the page', () => {
  expect(press(at(20), 'Enter')).toBeNull();
  expect(press(at(20), 'v')).toBeNull();
  expect(press(at(20), 'Tab')).toBeNull();
  expect(press(at(20), 'toString')).toBeNull();
  expect(moveCrosshair(NO_CROSSHAIR, { key: 'Home', shiftKey: false }, 0)).toBeNull();
});
