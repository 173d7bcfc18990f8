import { leaseKey, logKey } from 'common/events/keys';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { readBacklog } from './backlog.ts';
import { LEASE_MS } from './limits.ts';

// Goal: what a service decides on when it is behind (whom to wait for, whom to refuse) is what Redis knows. Method: a log
// whose entries have ids of chosen ages, groups that have read some of them, leases of chosen ages.
const TAG = '0';
const log = logKey(TAG);
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

async function redisNow(): Promise<number> {
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  return seconds * 1_000 + Math.floor(micros / 1_000);
}

/** Entries as old as that, oldest first; answers their ids. */
async function logOfAges(...agesMs: number[]): Promise<string[]> {
  const now = await redisNow();
  const ids = agesMs.map((ageMs) => `${now - ageMs}-0`);
  for (const id of ids) await redis.xadd(log, id, 'eventType', 'OrderPlaced');
  return ids;
}

const group = (name: string, from = '0') => redis.xgroup('CREATE', log, name, from, 'MKSTREAM');
const read = (name: string, count: number) =>
  redis.xreadgroup('GROUP', name, 'c', 'COUNT', count, 'STREAMS', log, '>') as Promise<unknown>;

/** An age as it was when it was written, and as long after as this test took. */
const aged = (ms: number, sinceMs: number) =>
  expect.toSatisfy((age: number) => age >= ms && age <= ms + (performance.now() - sinceMs) + 50);

test('before there is a log there is no group, and before there is a group there is none behind', async () => {
  expect(await readBacklog(redis, TAG)).toEqual([]);
  await logOfAges(1_000);
  expect(await readBacklog(redis, TAG)).toEqual([]);
});

test('each group by itself: what it has not read, the age of the oldest of it, what it has not done', async () => {
  const startedAt = performance.now();
  await logOfAges(9_000, 5_000, 3_000);
  for (const name of ['exchange', 'order', 'point']) await group(name);
  await read('order', 1);
  await read('point', 3);
  const [exchange, order, point] = await readBacklog(redis, TAG);
  expect(exchange).toMatchObject({ group: 'exchange', lag: 3, pending: 0, oldestUnreadMs: aged(9_000, startedAt) });
  expect(order).toMatchObject({ group: 'order', lag: 2, pending: 1, oldestUnreadMs: aged(5_000, startedAt) });
  expect(point).toMatchObject({ group: 'point', lag: 0, pending: 3, oldestUnreadMs: 0 });
});

test('an entry from a clock that is ahead has no negative age', async () => {
  await logOfAges(-60_000);
  await group('order');
  expect(await readBacklog(redis, TAG)).toMatchObject([{ lag: 1, oldestUnreadMs: 0 }]);
});

test('a group lives while one of its consumers has a lease, and only its own count', async () => {
  for (const name of ['exchange', 'order', 'point']) await group(name);
  const now = await redisNow();
  await redis.zadd(leaseKey(TAG, 'exchange'), now - LEASE_MS - 1, 'dead', now + 60_000, 'alive');
  await redis.zadd(leaseKey(TAG, 'order'), now - LEASE_MS - 1, 'dead');
  const live = (await readBacklog(redis, TAG)).map((each) => [each.group, each.live]);
  expect(live).toEqual([
    ['exchange', true],
    ['order', false],
    ['point', false],
  ]);
});

test('where an unread entry was deleted the lag is unknown, not 0, and the age is that of what is left', async () => {
  const startedAt = performance.now();
  const [, second = ''] = await logOfAges(9_000, 5_000, 3_000);
  await group('order');
  await read('order', 1);
  await redis.xdel(log, second);
  const [order] = await readBacklog(redis, TAG);
  expect(order).toMatchObject({ group: 'order', lag: undefined, pending: 1, oldestUnreadMs: aged(3_000, startedAt) });
});

test('a log that was trimmed past a group: its oldest unread entry is the first that is left', async () => {
  const startedAt = performance.now();
  const [, , third = ''] = await logOfAges(9_000, 5_000, 3_000);
  await group('order');
  await read('order', 1);
  await redis.xtrim(log, 'MINID', third);
  expect(await readBacklog(redis, TAG)).toMatchObject([{ pending: 1, oldestUnreadMs: aged(3_000, startedAt) }]);
  await redis.xtrim(log, 'MAXLEN', 0);
  expect(await readBacklog(redis, TAG)).toMatchObject([{ oldestUnreadMs: 0 }]);
});

test('another key in the place of the log is an error, not an empty backlog', async () => {
  await redis.set(log, 'text');
  await expect(readBacklog(redis, TAG)).rejects.toThrow('WRONGTYPE');
});
