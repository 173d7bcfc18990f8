import { setTimeout as wait } from 'node:timers/promises';
import { procStat } from './procStat.ts';

/** Whether a process with this id runs, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !isZombie(pid);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** One that has ended and whose parent has not asked how: for ever, where a container's first process never asks. */
const isZombie = (pid: number) => procStat(pid)[0] === 'Z';

/** Waits until a process is gone; answers whether it is, when the time is up. */
export async function untilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > giveUpAt) return false;
    await wait(20);
  }
  return true;
}

/** SIGKILL to a process that may have ended already. */
export function killQuietly(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
