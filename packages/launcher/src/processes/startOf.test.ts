import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startOf } from './startOf.ts';

const NOBODY = 2 ** 22 + 1;
const hasPs = spawnSync('ps', ['-p', `${process.pid}`]).status === 0;

test('a process has one start, and nobody has none', () => {
  expect(startOf(process.pid)).toMatch(/\S/);
  expect(startOf(process.pid)).toBe(startOf(process.pid));
  expect(startOf(process.pid)).not.toBe(startOf(process.ppid));
  expect(startOf(NOBODY)).toBeUndefined();
});

test.runIf(hasPs)('where there is no /proc, ps says it', () => {
  expect(startOf(process.pid, [])).toMatch(/\d\d:\d\d:\d\d/);
  expect(startOf(NOBODY, [])).toBeUndefined();
});
