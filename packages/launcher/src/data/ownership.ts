import { readFile, rm, writeFile } from 'node:fs/promises';
import { isAlive } from '../processes/isAlive.ts';
import { startOf } from '../processes/startOf.ts';
import { locked } from './locked.ts';

/**
 * Makes this process the owner of what `path` stands for, from before it starts anything there: two Redis must never
 * write the same files. Asked again by the owner, it answers the same.
 * @returns undefined for the owner, else the process id of the one that is
 */
export function takeOwnership(path: string): Promise<number | undefined> {
  return locked(path, async () => {
    const owner = await liveOwner(path);
    if (owner !== undefined && owner !== process.pid) return owner;
    await writeFile(path, `${process.pid} ${startOf(process.pid) ?? ''}\n`);
    return undefined;
  });
}

/** Lets the next one have it; does nothing for one that does not own it. */
export async function giveUpOwnership(path: string): Promise<void> {
  if ((await liveOwner(path)) === process.pid) await rm(path, { force: true });
}

/** A killed owner leaves its file, and its process id may be another's by now: then that one started at another time. */
async function liveOwner(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [, id = '', start = ''] = /^(\d+) (.*)$/m.exec(text) ?? [];
  const pid = Number(id);
  return pid > 0 && isAlive(pid) && (startOf(pid) ?? '') === start ? pid : undefined;
}
