import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { commandOf } from './report.ts';

test('what is given is read, and the command that repeats the run gives the same', () => {
  const args = ['--orders', '50', '--faults', '3', '--seed', '9', '--seconds', '10', '--fsync', 'everysec'];
  const options = readOptions(args);
  expect(options).toEqual({ orders: 50, faults: 3, seed: 9, seconds: 10, fsync: 'everysec' });
  expect(options !== 'help' && commandOf(options)).toBe(`npm run chaos -- ${args.join(' ')}`);
});

test('a seed that is not given is drawn', () => {
  const seedOf = (command = readOptions([])) => command !== 'help' && command.seed;
  expect(new Set(Array.from({ length: 20 }, () => seedOf())).size).toBeGreaterThan(1);
});

test('help is asked for, whatever else is', () => {
  expect(readOptions(['--help', '--orders', 'many'])).toBe('help');
});

test.each([
  [['--orders', 'many'], '--orders must be a whole number from 1 on, is many'],
  [['--fsync', 'no'], '--fsync must be always or everysec, is no'],
  [['--orders', '0'], '--orders must be a whole number from 1 on, is 0'],
  [['--only', 'earthquake'], "--only must be a part of a fault's name, is earthquake"],
  [['--storm'], "Unknown option '--storm'"],
  [['storm'], "Unexpected argument 'storm'"],
])('%j is refused', (args, why) => {
  expect(() => readOptions(args)).toThrow(why);
});
