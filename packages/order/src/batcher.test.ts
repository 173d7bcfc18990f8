import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

// Goal: nothing that is asked for is lost, answered with another's answer, or kept waiting for more to come. Method: calls
// that end when the test says so.
function started(countMax = 10) {
  const calls: { items: readonly number[]; end: PromiseWithResolvers<readonly (string | Error)[]> }[] = [];
  const batcher = new Batcher<number, string>((items) => {
    const end = Promise.withResolvers<readonly (string | Error)[]>();
    calls.push({ items, end });
    return end.promise;
  }, countMax);
  const answerAll = (n: number) => calls[n]?.end.resolve(calls[n].items.map((item) => `answer ${item}`));
  return { batcher, calls, answerAll };
}

test('one alone is asked for at once; those that come meanwhile go together', async () => {
  const { batcher, calls, answerAll } = started();
  const first = batcher.ask(1);
  expect(calls.map(({ items }) => items)).toEqual([[1]]);
  const others = [batcher.ask(2), batcher.ask(3)];
  expect(calls).toHaveLength(1);
  answerAll(0);
  expect(await first).toBe('answer 1');
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  answerAll(1);
  expect(await Promise.all(others)).toEqual(['answer 2', 'answer 3']);
  const later = batcher.ask(4);
  answerAll(2);
  expect(await later).toBe('answer 4');
});

test('no call is larger than it may be, and the rest is next', async () => {
  const { batcher, calls, answerAll } = started(2);
  const answers = [1, 2, 3, 4].map((item) => batcher.ask(item));
  for (let n = 0; n < 3; n += 1) {
    answerAll(n);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(calls.map(({ items }) => items)).toEqual([[1], [2, 3], [4]]);
  expect(await Promise.all(answers)).toHaveLength(4);
});

test('an item that failed fails alone; a call that failed fails for its own items, and the next goes on', async () => {
  const { batcher, calls, answerAll } = started();
  const ask = (item: number) => batcher.ask(item).catch((error: Error) => error.message);
  const answers = [ask(1), ask(2), ask(3)];
  calls[0]?.end.reject(new Error('the connection was lost'));
  await answers[0];
  calls[1]?.end.resolve([new Error('unreadable'), 'answer 3']);
  expect(await Promise.all(answers)).toEqual(['the connection was lost', 'unreadable', 'answer 3']);
  const unanswered = ask(4);
  calls[2]?.end.resolve([]);
  expect(await unanswered).toMatch('not answered');
  const last = ask(5);
  answerAll(3);
  expect(await last).toBe('answer 5');
});
