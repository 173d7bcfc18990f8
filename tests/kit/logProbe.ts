import { GROUPS, logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { compareIds } from 'common/log/logEntry';
import type { Redis } from 'ioredis';
import { until } from './until.ts';

/** Adds an entry of the log again, as a publisher that repeats itself would. @returns the copy's id */
export async function copyEntry(redis: Redis, tag: string, id: string): Promise<string> {
  const [entry] = await redis.xrange(logKey(tag), id, id);
  if (entry === undefined) throw new Error(`the log has no entry ${id}`);
  const copy = await redis.xadd(logKey(tag), '*', ...entry[1]);
  if (copy === null) throw new Error(`the copy of ${id} was not added`);
  return copy;
}

/** Waits until every group has read the entry, and nobody has anything left to do. */
export async function untilRead(redis: Redis, tag: string, id: string): Promise<void> {
  await until(`every group to have read ${id}`, async () => {
    const groups = (await redis.xinfo('GROUPS', logKey(tag))) as unknown[][];
    const read = groups.map((group) => entryFields(group.map(String)));
    const done = (group: Record<string, string>) =>
      compareIds(group['last-delivered-id'] ?? '0-0', id) >= 0 && group.pending === '0';
    return read.length === GROUPS.length && read.every(done);
  });
}
