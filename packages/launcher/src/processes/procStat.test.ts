import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { procStat } from './procStat.ts';

test.runIf(process.platform === 'linux')('begins with the state, whatever the name holds', async () => {
  expect(procStat(process.pid)[1]).toBe(`${process.ppid}`);
  // A thread's name is the process's in /proc; this one looks like the end of a name and a state.
  const child = spawn(process.execPath, [
    '-e',
    'process.title = "a) Z 1 ("; console.log(); setInterval(() => {}, 1000)',
  ]);
  await once(child.stdout, 'data');
  expect(procStat(child.pid ?? 0)[1]).toBe(`${process.pid}`);
  child.kill('SIGKILL');
});

test('nobody has none', () => {
  expect(procStat(2 ** 22 + 1)).toEqual([]);
});
