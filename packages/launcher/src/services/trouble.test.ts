import { expect, test } from 'vitest';
import { limited, troubleIn } from './trouble.ts';

test.each([
  ['{"level":40,"msg":"appendonly is off"}', 'warn: appendonly is off'],
  ['{"level":50,"msg":"drain failed","err":{"message":"LOADING"}}', 'error: drain failed (LOADING)'],
  ['{"level":"fatal","msg":"gone","err":{"message":"gone"}}', 'fatal: gone'],
  ['TypeError: x is not a function', 'TypeError: x is not a function'],
  ['{"level":30,"msg":"listening"}', undefined],
  ['{"level":"info","msg":"listening"}', undefined],
  ['  ', undefined],
])('%s -> %s', (line, message) => {
  expect(troubleIn(line)).toBe(message);
});

test('a flood is held back, and counted', () => {
  const said: string[] = [];
  let now = 0;
  const say = limited(
    (message) => said.push(message),
    2,
    () => now,
  );
  for (const message of ['a', 'b', 'c', 'd']) say(message);
  now = 1_000;
  say('e');
  expect(said).toEqual(['a', 'b', '2 more lines of trouble are in its log', 'e']);
});
