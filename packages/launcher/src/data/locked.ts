import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Refusal, reasonOf } from '../refusal.ts';

/** A lock is held for milliseconds: one as old as this is a killed launcher's, whatever else the machine has to do. */
const abandonedMs = 5_000;
const giveUpMs = 20_000;
const pauseMs = 10;

/**
 * Runs `work`, which must be short, while no other process does with the same file.
 * @throws Refusal when the lock stays taken for 20 s
 */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await takeLock(lock);
  try {
    return await work();
  } finally {
    await rmdir(lock).catch(() => {});
  }
}

/** A folder is the lock: making it is one step. One that outlived its launcher is broken. */
async function takeLock(lock: string): Promise<void> {
  await mkdir(dirname(lock), { recursive: true });
  for (const giveUpAt = Date.now() + giveUpMs; ; await wait(pauseMs)) {
    try {
      return await mkdir(lock);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isTaken || Date.now() > giveUpAt) throw new Refusal(`cannot lock ${lock}: ${reasonOf(error)}`);
      const takenAt = await stat(lock).then(
        ({ mtimeMs }) => mtimeMs,
        () => Date.now(),
      );
      if (Date.now() - takenAt > abandonedMs) await rmdir(lock).catch(() => {});
    }
  }
}
