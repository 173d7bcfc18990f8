import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, pageOf, pageQuery, pageSchema } from './paging.ts';

test.each([
  { at: 0, id: '' },
  { at: 1_700_000_000_000, id: '17' },
  { at: Number.MAX_SAFE_INTEGER, id: '😀"/?&'.repeat(20) },
])('a cursor goes out and comes back: $at', (cursor) => {
  const text = encodeCursor(cursor);
  expect(text).toMatch(/^[\w-]+$/);
  expect(decodeCursor(text)).toEqual(cursor);
});

const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test.each([
  '',
  'x',
  '!!',
  forged([1]),
  forged([-1, 'a']),
  forged([1.5, 'a']),
  forged(['1', 'a']),
  forged([1, 2]),
  forged({}),
])('%j is no cursor', (text) => {
  expect(decodeCursor(text)).toBeUndefined();
  const { error } = pageQuery.safeParse({ cursor: text });
  expect(error?.issues).toMatchObject([{ path: ['cursor'], message: 'must be the nextCursor of a page' }]);
});

test('limit is 50, and 1 to 500', () => {
  expect(pageQuery.parse({})).toEqual({ limit: 50, cursor: undefined });
  expect(pageQuery.parse({ limit: '500' }).limit).toBe(500);
  for (const limit of ['0', '501', 'x', '']) expect(pageQuery.safeParse({ limit }).success).toBe(false);
});

test('a filter joins the query', () => {
  const query = pageQuery.extend({ status: z.enum(['A', 'B']).optional() });
  expect(query.parse({ limit: '2', status: 'B' })).toEqual({ limit: 2, cursor: undefined, status: 'B' });
});

test('there is a next page exactly where one more was found, and it starts after the last item', () => {
  const found = [3, 2, 1].map((at) => ({ at, id: `${at}` }));
  const { items, nextCursor } = pageOf(found, 2, (item) => item);
  expect(items).toEqual(found.slice(0, 2));
  expect(decodeCursor(nextCursor ?? '')).toEqual({ at: 2, id: '2' });
  expect(pageOf(found, 3, (item) => item)).toEqual({ items: found, nextCursor: null });
  expect(pageOf([], 3, () => ({ at: 0, id: '' }))).toEqual({ items: [], nextCursor: null });
  expect(pageSchema(z.string()).parse({ items: ['a'], nextCursor: null })).toEqual({ items: ['a'], nextCursor: null });
});
