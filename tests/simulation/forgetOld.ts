import { trimLog } from 'common/actor/scripts/trimLog';
import { GROUPS, type Group, logKey } from 'common/events/keys';
import type { Partition } from 'common/partition/partition';
import type { Redis } from 'ioredis';
import { RETENTION_MS } from './command.ts';
import type { Stage } from './stage.ts';

/** How many records a sweep looks at in one call. */
const BATCH = 200;

/** What retention does in every service: the log is trimmed, and each service sweeps its records. What is wrong with it. */
export async function forgetOld({ redis, runner, sweeps }: Stage, partition: Partition): Promise<string[]> {
  const { tag } = partition;
  const log = logKey(tag);
  const problems: string[] = [];
  const needed = await Promise.all(GROUPS.map((group) => oldestNeeded(redis, log, group)));
  await runner.run(redis, trimLog, { log }, { tag, retentionMs: RETENTION_MS, countMax: 10_000 }, GROUPS);
  for (const [i, id] of needed.entries()) {
    const isThere = id === undefined || (await redis.xrange(log, id, id)).length > 0;
    if (!isThere) problems.push(`I6: what ${GROUPS[i]} needs was trimmed away`);
  }
  for (const sweep of sweeps) {
    for (let offset = 0, seen = BATCH; seen === BATCH; ) {
      const swept = await sweep(partition, offset, BATCH);
      if (swept.failure !== '') problems.push(`a sweep failed: ${swept.failure}`);
      seen = swept.seen;
      offset += swept.seen - swept.removed;
    }
  }
  return problems;
}

/** The oldest entry that a group has not read or not done. */
async function oldestNeeded(redis: Redis, log: string, group: Group): Promise<string | undefined> {
  const groups = (await redis.xinfo('GROUPS', log)) as unknown[][];
  const info = groups.find((each) => each[1] === group) ?? [];
  const position = String(info[info.indexOf('last-delivered-id') + 1]);
  const [, pending] = (await redis.xpending(log, group)) as [number, string | null];
  const [unread] = await redis.xrange(log, `(${position}`, '+', 'COUNT', 1);
  return pending ?? unread?.[0];
}
