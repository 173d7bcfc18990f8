import { expect, test } from 'vitest';
import { serviceNames } from '../services/serviceNames.ts';
import { type KeyEffect, keyReader, legend } from './keys.ts';

function press(keys: string): KeyEffect[] {
  const reader = keyReader(serviceNames);
  return Array.from(keys, reader);
}

function commands(keys: string) {
  return press(keys).flatMap(({ command }) => command ?? []);
}

test('keys act at once', () => {
  expect(commands('2')).toEqual([{ verb: 'toggle', name: 'exchange' }]);
  expect(commands('x1')).toEqual([{ verb: 'kill', name: 'order' }]);
  expect(commands('?')).toEqual([{ verb: 'status' }]);
  expect(commands('q')).toEqual([{ verb: 'quit' }]);
  expect(commands('\u0003')).toEqual([{ verb: 'quit' }]);
});

test('other keys do nothing, and x with anything but a number is taken back', () => {
  expect(commands('679!X\u001b\t')).toEqual([]);
  expect(commands('xz')).toEqual([]);
  expect(commands('xz2')).toEqual([{ verb: 'toggle', name: 'exchange' }]);
});

test('a line can be typed, keys within it are letters, and it is shown as it is typed', () => {
  const effects = press('stop exchange\r');
  expect(effects.flatMap(({ command }) => command ?? [])).toEqual([]);
  expect(effects.at(-1)?.line).toBe('stop exchange');
  expect(effects.map(({ echo }) => echo).join('')).toBe('stop exchange\r\n');
});

test('a line can be corrected, and dropped', () => {
  expect(press('stopp\u007f order\r').at(-1)?.line).toBe('stop order');
  expect(commands('sto\u001b1')).toEqual([{ verb: 'toggle', name: 'order' }]);
});

test('Ctrl-C ends in the middle of a line too', () => {
  expect(commands('stop\u0003')).toEqual([{ verb: 'quit' }]);
});

test.each([
  ['Page Up', '[5~'],
  ['F5', '[15~'],
  ['Ctrl-Right', '[1;5C'],
  ['Up', 'OA'],
])('%s is one key that does nothing, not the digits in it, and what follows it acts', (_, sequence) => {
  expect(commands(`\u001b${sequence}2`)).toEqual([{ verb: 'toggle', name: 'exchange' }]);
  expect(commands(`sto\u001b${sequence}q`)).toEqual([{ verb: 'quit' }]);
  expect(commands(`\u001b${sequence[0]}\u0003`)).toEqual([{ verb: 'quit' }]);
});

test('the legend names every service and its key, within 80 columns', () => {
  expect(legend(serviceNames)).toContain('1 order  2 exchange  3 point  4 deadline  5 gateway');
  expect(legend(serviceNames)).toContain('x1 to x5 kill');
  for (const line of legend(serviceNames).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
