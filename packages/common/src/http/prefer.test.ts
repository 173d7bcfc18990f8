import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { preferredWaitS } from './prefer.ts';

const app = new Hono().get('/', (c) => c.json({ seconds: preferredWaitS(c) ?? null }));

test.each([
  ['wait=5', 5],
  ['wait=0', 0],
  ['wait=30', 30],
  ['wait=31', 30],
  ['wait=999999999', 30],
  [`wait=${'9'.repeat(400)}`, 30],
  ['WAIT = 7', 7],
  ['wait="8"', 8],
  ['respond-async, wait=10', 10],
  ['handling=lenient; wait=3, return=minimal', 3],
])('%s waits %j s, and says so', async (prefer, seconds) => {
  const answer = await app.request('/', { headers: { Prefer: prefer } });
  expect(await answer.json()).toEqual({ seconds });
  expect(answer.headers.get('preference-applied')).toBe(`wait=${seconds}`);
});

test.each([undefined, '', 'wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon', 'await=5', 'wait=5s'])(
  '%j asks for nothing',
  async (prefer) => {
    const answer = await app.request('/', prefer === undefined ? {} : { headers: { Prefer: prefer } });
    expect(await answer.json()).toEqual({ seconds: null });
    expect(answer.headers.get('preference-applied')).toBeNull();
  },
);
