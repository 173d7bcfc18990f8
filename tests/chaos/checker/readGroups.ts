import { LEASE_MS } from 'common/actor/limits';
import { GROUPS, leaseKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import type { Partition } from 'common/partition/partition';
import type { Redis } from 'ioredis';
import type { GroupState } from './state.ts';

const UNREAD_MAX = 2_000;

/** Where each consumer group of a partition stands, and who is in it. */
export async function readGroups(redis: Redis, { tag, index }: Partition): Promise<GroupState[]> {
  const infos = (await redis.xinfo('GROUPS', logKey(tag))) as unknown[][];
  const [seconds = 0] = (await redis.time()).map(Number);
  return Promise.all(
    GROUPS.map(async (group): Promise<GroupState> => {
      const info = infos.map((flat) => fieldsOf(flat)).find(({ name }) => name === group) ?? {};
      const consumers = (await redis.xinfo('CONSUMERS', logKey(tag), group)) as unknown[][];
      const unread = await redis.xrange(logKey(tag), `(${info['last-delivered-id']}`, '+', 'COUNT', UNREAD_MAX);
      const alive = (seconds - 1) * 1_000 - LEASE_MS;
      return {
        ...{ partition: index, group, pending: Number(info.pending), unread: unread.length },
        retries: await redis.zcard(retryKey(tag, group)),
        consumers: consumers.map((flat) => String(fieldsOf(flat).name)),
        live: await redis.zrangebyscore(leaseKey(tag, group), alive, '+inf'),
      };
    }),
  );
}

const fieldsOf = (flat: readonly unknown[]) => entryFields(flat.map(String));
