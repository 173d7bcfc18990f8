import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { idempotencyKey, idempotencyKeyHeaders } from './idempotencyKey.ts';
import { HttpProblem } from './problem.ts';

const app = new Hono().get('/', (c) => c.json(idempotencyKey(c)));
app.onError((error, c) =>
  error instanceof HttpProblem ? c.json(error.options.errors, error.status) : c.text('other', 500),
);

const ask = (key?: string) => app.request('/', key === undefined ? {} : { headers: { 'Idempotency-Key': key } });

test.each(['a', '"8e03978e-40d5"', '~!', 'x'.repeat(255)])('%j is taken as it is', async (key) => {
  expect(await (await ask(key)).json()).toEqual({ key, given: true });
  expect(idempotencyKeyHeaders.parse({ 'Idempotency-Key': key })).toEqual({ 'Idempotency-Key': key });
});

test.each(['', 'x'.repeat(256), 'a b', 'ä'])('%j is refused by name', async (key) => {
  const answer = await ask(key);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    [{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }],
  ]);
  expect(idempotencyKeyHeaders.safeParse({ 'Idempotency-Key': key }).success).toBe(false);
});

test('without one a new one is made each time', async () => {
  const [first, second] = [await (await ask()).json(), await (await ask()).json()];
  expect(first).toEqual({ key: expect.stringMatching(/^[\w-]{36}$/), given: false });
  expect(second).not.toEqual(first);
  expect(idempotencyKeyHeaders.parse({})).toEqual({});
});
