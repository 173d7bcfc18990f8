import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { commandOf } from './report.ts';

test('what is given is read, and the command that repeats the run gives the same', () => {
  const args = ['--orders', '50', '--faults', '3', '--seed', '9', '--seconds', '10', '--fsync', 'everysec'];
  const options = readOptions(args);
  expect(options).toEqual({ orders: 50, faults: 3, seed: 9, seconds: 10, fsync: 'everysec' });
  expect(commandOf(options)).toBe(`npm run chaos -- ${args.join(' ')}`);
});

test('a seed that is not given is drawn', () => {
  expect(new Set(Array.from({ length: 20 }, () => readOptions([]).seed)).size).toBeGreaterThan(1);
});

test.each([
  [['--orders', 'many'], '--orders must be a whole number, is many'],
  [['--fsync', 'no'], '--fsync must be always or everysec, is no'],
  [['--storm'], "Unknown option '--storm'"],
])('%j is refused', (args, why) => {
  expect(() => readOptions(args)).toThrow(why);
});
