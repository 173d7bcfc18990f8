import { expect, test } from 'vitest';
import { until } from './until.ts';

test('answers the value as soon as it is truthy', async () => {
  let asked = 0;
  expect(
    await until('the third ask', () => {
      asked += 1;
      return asked === 3 && `asked ${asked}`;
    }),
  ).toBe('asked 3');
});

test('an error counts as not yet', async () => {
  let asked = 0;
  const condition = () => {
    asked += 1;
    if (asked < 3) throw new Error('too early');
    return asked;
  };
  expect(await until('no error', condition)).toBe(3);
});

test('says what was waited for and the last answer', async () => {
  await expect(until('order 1 to settle', () => null, { timeoutMs: 30 })).rejects.toThrow(
    'waited 30 ms for order 1 to settle; last answer: null',
  );
});

test('says the last error, and keeps it as the cause', async () => {
  const refused = new Error('refused');
  const waited = until('an answer', () => Promise.reject(refused), { timeoutMs: 30 });
  await expect(waited).rejects.toThrow(/waited 30 ms for an answer; last error: Error: refused/);
  await expect(waited).rejects.toMatchObject({ cause: refused });
});
