import { setTimeout as wait } from 'node:timers/promises';
import { GROUPS, logKey, retryKey } from 'common/events/keys';
import type { Partition } from 'common/partition/partition';
import { dueKey } from 'deadline/keys';
import type { Redis } from 'ioredis';
import { pendingKey } from 'order/keys';
import { readGroups } from './checker/readGroups.ts';

const LOOK_EVERY_MS = 500;
const LOOKS_IN_A_ROW = 3;

/**
 * Waits until nothing is under way any more and only live consumers are left, seen several times in a row.
 *
 * @returns whether that came before the time was up; where it did not, the checker says what is left
 */
export async function untilDrained(
  redis: Redis,
  partitions: readonly Partition[],
  timeoutMs: number,
): Promise<boolean> {
  const giveUpAt = performance.now() + timeoutMs;
  for (let looks = 0; looks < LOOKS_IN_A_ROW; ) {
    if (performance.now() > giveUpAt) return false;
    const quiet = await Promise.all(partitions.map((partition) => isQuiet(redis, partition)));
    looks = quiet.every(Boolean) ? looks + 1 : 0;
    await wait(LOOK_EVERY_MS);
  }
  return true;
}

async function isQuiet(redis: Redis, partition: Partition): Promise<boolean> {
  const { tag } = partition;
  const waiting = [redis.zcard(pendingKey(tag)), redis.zcard(dueKey(tag))];
  for (const group of GROUPS) waiting.push(redis.zcard(retryKey(tag, group)));
  if ((await Promise.all(waiting)).some((count) => count > 0)) return false;
  if ((await redis.exists(logKey(tag))) === 0) return true;
  const groups = await readGroups(redis, partition);
  return groups.every(
    ({ pending, unread, consumers, live }) =>
      pending === 0 && unread === 0 && consumers.every((consumer) => live.includes(consumer)),
  );
}
