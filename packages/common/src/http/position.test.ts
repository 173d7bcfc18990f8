import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { formatPosition, lastEventPosition, parsePosition } from './position.ts';
import { HttpProblem } from './problem.ts';

test('a position is printed in the order of partitions, and read back', () => {
  const position = new Map([
    [2, '5-1'],
    [0, '1700000000000-0'],
    [10, '7-0'],
  ]);
  expect(formatPosition(position)).toBe('0=1700000000000-0,2=5-1,10=7-0');
  expect(parsePosition(formatPosition(position))).toEqual(new Map([...position].sort(([a], [b]) => a - b)));
});

test('the last position that Redis takes is one', () => {
  expect(parsePosition('0=1-18446744073709551615')?.get(0)).toBe('1-18446744073709551615');
});

test.each([
  '',
  '0',
  '0=',
  '0=1',
  '=1-0',
  '0=1-0,',
  '0=1-0,0=2-0',
  '0=1-x',
  '-1=1-0',
  '0=1-0 ',
  'x=1-0',
  '0=$',
  '0=18446744073709551616000-0',
  '0=1-18446744073709551616',
])('%j is no position', (text) => expect(parsePosition(text)).toBeUndefined());

test('Last-Event-ID: absent or empty is no position, a foreign one is refused by name', async () => {
  const app = new Hono().get('/', (c) => c.json([...(lastEventPosition(c) ?? [])]));
  app.onError((error, c) => c.json(error instanceof HttpProblem ? error.options.errors : 'other', 400));
  const ask = async (id?: string) =>
    (await app.request('/', id === undefined ? {} : { headers: { 'Last-Event-ID': id } })).json();
  expect(await ask()).toEqual([]);
  expect(await ask('')).toEqual([]);
  expect(await ask('0=1-2')).toEqual([[0, '1-2']]);
  expect(await ask('17')).toEqual([{ field: 'Last-Event-ID', message: 'must be the id of an event of this stream' }]);
});
