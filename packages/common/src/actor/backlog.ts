import { leaseKey, logKey } from 'common/events/keys';
import type { Redis } from 'ioredis';
import { LEASE_MS } from './limits.ts';

/** How far one group is behind. */
export type GroupBacklog = {
  group: string;
  /** Entries it has not read yet; undefined where Redis cannot tell. */
  lag: number | undefined;
  /** Entries that were handed back and not done yet. */
  pending: number;
  /** How old its oldest unread entry is, in ms by Redis' clock; 0 where it has read everything. */
  oldestUnreadMs: number;
  /** Whether a consumer of it is alive: a stopped service is behind without being overloaded. */
  live: boolean;
};

/** Reads how far every group of a partition's log is behind: two round trips, nothing that grows with the log. */
export async function readBacklog(redis: Redis, tag: string): Promise<GroupBacklog[]> {
  const [groups, time] = await Promise.all([readGroups(redis, tag), redis.time()]);
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  const pipeline = redis.pipeline();
  for (const group of groups) {
    pipeline.xrange(logKey(tag), `(${group.lastId}`, '+', 'COUNT', 1);
    pipeline.zcount(leaseKey(tag, group.group), now - LEASE_MS, '+inf');
  }
  const replies = groups.length > 0 ? ((await pipeline.exec()) ?? []) : [];
  return groups.map(({ group, lag, pending }, i) => {
    const unread = replies[2 * i]?.[1] as [string, string[]][] | undefined;
    const oldest = unread?.[0]?.[0];
    return {
      group,
      lag,
      pending,
      oldestUnreadMs: oldest === undefined ? 0 : Math.max(0, now - Number(oldest.split('-')[0])),
      live: Number(replies[2 * i + 1]?.[1] ?? 0) > 0,
    };
  });
}

async function readGroups(redis: Redis, tag: string) {
  const reply = (await redis.xinfo('GROUPS', logKey(tag)).catch(noGroups)) as unknown[][];
  return reply.map((flat) => {
    const fields = new Map<unknown, unknown>();
    for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i], flat[i + 1]);
    const lag = fields.get('lag');
    return {
      group: String(fields.get('name')),
      lag: typeof lag === 'number' ? lag : undefined,
      pending: Number(fields.get('pending')),
      lastId: String(fields.get('last-delivered-id')),
    };
  });
}

/** Before the first group is made there is no log. */
function noGroups(error: unknown): unknown[] {
  if (error instanceof Error && error.message.includes('no such key')) return [];
  throw error;
}
