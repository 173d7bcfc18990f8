import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { until } from '../../../../tests/kit/until.ts';
import { isAlive, killQuietly, untilGone } from './isAlive.ts';

test('a process that runs, and one that has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const pid = child.pid ?? 0;
  expect(isAlive(pid)).toBe(true);
  expect(await untilGone(pid, 50)).toBe(false);
  killQuietly(pid);
  await once(child, 'exit');
  expect(await untilGone(pid, 5_000)).toBe(true);
  killQuietly(pid);
  killQuietly(undefined);
});

test.runIf(process.platform === 'linux')('one that nobody has waited for has ended too', async () => {
  // The shell starts a child, becomes a program that never waits for it, and the child ends.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60']);
  try {
    const [chunk] = await once(parent.stdout, 'data');
    const pid = Number(String(chunk));
    await until('the child to be a zombie that counts as gone', () => !isAlive(pid));
    expect(process.kill(pid, 0)).toBe(true);
  } finally {
    parent.kill('SIGKILL');
  }
});
