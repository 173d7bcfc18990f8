import { indexKey, logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { ScriptRunner } from 'common/script/scriptRunner';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { dumpKeyspace } from '../../../../tests/kit/keyspace.ts';
import { placeOrder } from '../../../../tests/kit/placeOrder.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { VirtualClock, virtualClockLua } from '../../../../tests/kit/virtualClock.ts';
import { orderKey, pendingKey, statusIndexKey } from '../keys.ts';
import { OVERDUE_MS, SWEEP_COUNT_MAX, sweepOverdue } from './sweepPending.ts';

// Goal: an order that nobody settles is rejected half a second after its deadline, once, whatever else is broken.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const other = new Redis(server.url, { protocol: 2 });
const runner = new ScriptRunner({ clock: virtualClockLua });
const clock = new VirtualClock(redis, '0');
const NOW = 1_700_000_000_000;
const DEADLINE = NOW + 10_000;
const OVERDUE = DEADLINE + OVERDUE_MS;
const REJECTED = 'REJECTED DUE TO DEADLINE';

afterAll(async () => {
  redis.disconnect();
  other.disconnect();
  await server.stop();
});

beforeEach(async () => {
  await redis.flushall();
  await clock.set(NOW);
});

const place = (count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      placeOrder(runner, redis, {
        holderId: 'jjy',
        currencyId: 'USD',
        amount: 500,
        partition: { index: 0, tag: '0' },
        partitions: 1,
        requestDigest: `a${i}`,
        bodyDigest: 'b',
        admit: true,
        deadlineMs: 10_000,
        requestMs: 60_000,
      }),
    ),
  );

const sweep = (connection = redis) => sweepOverdue(runner, connection, '0');
const statusOf = (orderId: number) => redis.hget(orderKey('0', orderId), 'status');
const rejections = async () =>
  (await redis.xrange(logKey('0'), '-', '+'))
    .map(([id, flat]) => ({ id, ...entryFields(flat) }))
    .filter((entry) => 'eventType' in entry && entry.eventType === 'OrderRejected');

test('499 ms after the deadline it looks and leaves; at 500 ms it rejects', async () => {
  await place(1);
  await clock.set(OVERDUE - 1);
  expect(await sweep()).toEqual({ full: false, swept: [], failed: [] });
  expect(await statusOf(1)).toBe('PENDING');
  await clock.set(OVERDUE);
  expect(await sweep()).toEqual({ full: false, swept: [1], failed: [] });
  expect(await redis.hgetall(orderKey('0', 1))).toMatchObject({ status: REJECTED, settledAt: String(OVERDUE) });
  expect(await redis.exists(pendingKey('0'), statusIndexKey('0', 'PENDING'))).toBe(0);
  expect(await redis.zrange(statusIndexKey('0', REJECTED), 0, '-1')).toEqual(['0000000000000001']);
});

test('the rejection is an event like any other, but that none caused it', async () => {
  await place(1);
  await clock.set(OVERDUE);
  await sweep();
  const [rejection, ...more] = await rejections();
  expect(more).toEqual([]);
  expect(rejection).toEqual({
    id: rejection?.id,
    eventType: 'OrderRejected',
    version: '1',
    orderId: '1',
    timestamp: String(OVERDUE),
    deadline: String(DEADLINE),
    holderId: 'jjy',
    currencyId: 'USD',
    amount: '500',
    reason: 'DEADLINE',
  });
  expect(await redis.lrange(indexKey('0', 1), -1, -1)).toEqual([rejection?.id]);
});

test('a second sweep finds nothing, and nothing is changed by looking', async () => {
  await place(2);
  await clock.set(OVERDUE);
  await sweep();
  const before = await dumpKeyspace(redis);
  expect(await sweep()).toEqual({ full: false, swept: [], failed: [] });
  expect(await dumpKeyspace(redis)).toEqual(before);
});

test('two sweepers at once settle each order once, a hundred a call', async () => {
  await place(2 * SWEEP_COUNT_MAX + 50);
  await clock.set(OVERDUE);
  const first = await Promise.all([sweep(redis), sweep(other)]);
  expect(first.map(({ full, swept }) => [full, swept.length])).toEqual([
    [true, SWEEP_COUNT_MAX],
    [true, SWEEP_COUNT_MAX],
  ]);
  const last = await Promise.all([sweep(redis), sweep(other)]);
  const swept = [...first, ...last].flatMap((each) => each.swept);
  expect(new Set(swept).size).toBe(2 * SWEEP_COUNT_MAX + 50);
  expect(swept).toHaveLength(2 * SWEEP_COUNT_MAX + 50);
  expect(await rejections()).toHaveLength(2 * SWEEP_COUNT_MAX + 50);
});

test('a hundred orders that cannot be read do not stand in the way of a good one', async () => {
  await place(SWEEP_COUNT_MAX + 1);
  for (let id = 1; id <= SWEEP_COUNT_MAX; id += 1) {
    await redis.hset(orderKey('0', id), 'amount', 'much');
    await redis.zadd(pendingKey('0'), DEADLINE - 1, id);
  }
  await clock.set(OVERDUE);
  const bad = await sweep();
  expect(bad).toMatchObject({ full: true, swept: [] });
  expect(bad.failed).toHaveLength(SWEEP_COUNT_MAX);
  expect(bad.failed[0]?.why).toContain('order 1 is unreadable');
  expect(await sweep()).toMatchObject({ swept: [SWEEP_COUNT_MAX + 1], failed: [] });
  await redis.hset(orderKey('0', 1), 'amount', '500');
  await clock.set(OVERDUE + 1_000);
  expect((await sweep()).swept).toEqual([1]);
});

test('an order whose log is broken is left whole and tried again', async () => {
  await place(1);
  await redis.rename(indexKey('0', 1), 'kept');
  await redis.set(indexKey('0', 1), 'text');
  await clock.set(OVERDUE);
  const { swept, failed } = await sweep();
  expect({ swept, failed }).toEqual({ swept: [], failed: [{ orderId: 1, why: expect.stringContaining('WRONGTYPE') }] });
  expect(await statusOf(1)).toBe('PENDING');
  await redis.rename('kept', indexKey('0', 1));
  await clock.set(OVERDUE + 1_000);
  expect((await sweep()).swept).toEqual([1]);
});

test('what is left in the set of an order that is settled or not kept goes', async () => {
  await place(2);
  await redis.del(orderKey('0', 1));
  await redis.hset(orderKey('0', 2), 'status', 'APPROVED');
  await clock.set(OVERDUE);
  expect(await sweep()).toEqual({ full: false, swept: [], failed: [] });
  expect(await redis.exists(pendingKey('0'))).toBe(0);
  expect(await statusOf(2)).toBe('APPROVED');
});

test('the record says when the deadline is, not the place in the set', async () => {
  await place(1);
  await redis.zadd(pendingKey('0'), NOW - 1_000, '1');
  expect(await sweep()).toEqual({ full: false, swept: [], failed: [] });
  expect(await statusOf(1)).toBe('PENDING');
  expect(await redis.zscore(pendingKey('0'), '1')).toBe(String(DEADLINE));
});

test('at maxmemory it goes on', async () => {
  await place(1);
  await clock.set(OVERDUE);
  await redis.config('SET', 'maxmemory', 1);
  const { swept } = await sweep();
  await redis.config('SET', 'maxmemory', 0);
  expect(swept).toEqual([1]);
});
