import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startEventBench, WAYS } from '../../../tests/kit/eventBench.ts';
import { changedKeys, dumpKeyspace } from '../../../tests/kit/keyspace.ts';
import { deadlineActor } from './actor.ts';
import { closedKey, deadlineKey, dueKey } from './keys.ts';
import { reachDeadlines } from './scripts/reachDue.ts';
import { wakeUpOf } from './wakeUp.ts';

// Goal: a deadline fires once, by Redis' clock, and never once its order is settled. Method: the shipped scripts by both
// ways with a virtual clock that also steps back.
const NOW = 1_700_000_000_007;
const DEADLINE = NOW + 10_000;
const bench = await startEventBench(deadlineActor);
const { redis, tag, clock } = bench;
afterAll(() => bench.stop());
beforeEach(() => bench.reset(NOW));

const common = { orderId: 1, timestamp: NOW - 3, deadline: DEADLINE, holderId: 'jjy' };
const created = (more = {}) => ({ eventType: 'OrderCreated', ...common, currencyId: '1', amount: 5, ...more });
const placed = (more = {}) => ({ eventType: 'OrderPlaced', ...common, ...more });
const rejected = (more = {}) => ({ ...created(more), eventType: 'OrderRejected', reason: 'POINT LIMIT' });
const record = (orderId = 1) => redis.hgetall(deadlineKey(tag, orderId));
const reach = () => reachDeadlines(bench.runner, redis, tag);
const fired = async () => (await bench.events('DeadlineReached')).map(({ orderId, lateMs }) => ({ orderId, lateMs }));
const dueMembers = () => redis.zrange(dueKey(tag), '0', '-1', 'WITHSCORES');

describe.each(WAYS)('by %s', (way) => {
  test('scheduled once, with the time of the event', async () => {
    expect(await bench.deliver(created(), way)).toBe('OrderCreated|none|SCHEDULED|');
    expect(await bench.deliver(created(), way)).toBe('OrderCreated|SCHEDULED|SCHEDULED|');
    expect(await record()).toEqual({ status: 'SCHEDULED', startedTime: String(NOW - 3), deadline: String(DEADLINE) });
    expect(await dueMembers()).toEqual(['0000000000000001', String(DEADLINE)]);
  });

  test.each([placed, rejected])('%o cancels it', async (settled) => {
    await bench.deliver(created(), way);
    const { eventType } = settled();
    expect(await bench.deliver(settled(), way)).toBe(`${eventType}|SCHEDULED|CANCELLED|`);
    expect(await bench.deliver(settled(), way)).toBe(`${eventType}|CANCELLED|CANCELLED|`);
    await clock.set(DEADLINE + 1);
    expect((await reach()).fired).toEqual([]);
    expect(await dueMembers()).toEqual([]);
    expect(await redis.zrange(closedKey(tag), '0', '-1', 'WITHSCORES')).toEqual(['0000000000000001', String(NOW)]);
  });

  test.each([placed, rejected])('%o that comes first keeps it from ever being scheduled', async (settled) => {
    expect(await bench.deliver(settled(), way)).toBe(`${settled().eventType}|none|CANCELLED|`);
    expect(await bench.deliver(created(), way)).toBe('OrderCreated|CANCELLED|CANCELLED|');
    expect(await dueMembers()).toEqual([]);
  });

  test('what is settled after it fired stays REACHED', async () => {
    await bench.deliver(created(), way);
    await clock.set(DEADLINE);
    await reach();
    expect(await bench.deliver(rejected(), way)).toBe('OrderRejected|REACHED|REACHED|');
    expect(await bench.deliver(created(), way)).toBe('OrderCreated|REACHED|REACHED|');
    expect(await record()).toMatchObject({ status: 'REACHED', reachedAt: String(DEADLINE) });
  });
});

describe('what is due', () => {
  test('not 1 ms early; at the deadline; once', async () => {
    await bench.deliver(created(), 'drain');
    await clock.set(DEADLINE - 1);
    expect(await reach()).toMatchObject({ fired: [], next: { bucketEnd: DEADLINE + 13, inMs: 14 } });
    await clock.set(DEADLINE);
    const row = { on: 'due', from: 'SCHEDULED', to: 'REACHED', left: 'DeadlineReached' };
    expect(await reach()).toMatchObject({ now: DEADLINE, fired: [{ orderId: 1, lateMs: 0, outcome: row }] });
    expect((await reach()).fired).toEqual([]);
    await clock.set(DEADLINE - 5_000);
    expect((await reach()).fired).toEqual([]);
    expect(await fired()).toEqual([{ orderId: '1', lateMs: '0' }]);
  });

  test('more than one call takes, oldest first, and says that more is due', async () => {
    for (let orderId = 1; orderId <= 250; orderId += 1)
      await bench.publish(created({ orderId, deadline: DEADLINE + orderId }));
    await bench.drain();
    await bench.drain();
    await clock.set(DEADLINE + 1_000);
    const first = await reach();
    expect(first.fired.map(({ orderId }) => orderId)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(first.next?.inMs).toBeLessThanOrEqual(0);
    expect((await reach()).fired).toHaveLength(50);
    expect(await reach()).toMatchObject({ fired: [], next: undefined });
    expect(new Set((await fired()).map(({ orderId }) => orderId)).size).toBe(250);
  });

  test('a member without a record, or with one that is over, is only removed', async () => {
    await bench.deliver(placed({ orderId: 2 }), 'drain');
    await redis.zadd(dueKey(tag), DEADLINE, '0000000000000009', DEADLINE, '0000000000000002');
    await clock.set(DEADLINE);
    expect(await reach()).toMatchObject({ fired: [], failed: [] });
    expect([await dueMembers(), await fired(), await record(9)]).toEqual([[], [], {}]);
  });

  test('the record says when: a place in the set that is too early is put right', async () => {
    await bench.deliver(created(), 'drain');
    await redis.zadd(dueKey(tag), NOW, '0000000000000001');
    expect((await reach()).fired).toEqual([]);
    expect(await dueMembers()).toEqual(['0000000000000001', String(DEADLINE)]);
  });

  test('one that can not be read is put off, and stands in nobody’s way', async () => {
    await bench.deliver(created(), 'drain');
    await bench.deliver(created({ orderId: 2 }), 'drain');
    await bench.deliver(created({ orderId: 3 }), 'drain');
    await redis.hset(deadlineKey(tag, 1), 'deadline', '1e3');
    await redis.del(deadlineKey(tag, 2));
    await redis.set(deadlineKey(tag, 2), 'of the wrong type');
    await clock.set(DEADLINE);
    const reached = await reach();
    expect(reached.fired).toMatchObject([{ orderId: 3 }]);
    expect(reached.failed).toMatchObject([
      { orderId: 1, why: expect.stringContaining('unreadable') },
      { orderId: 2, why: expect.stringContaining('WRONGTYPE') },
    ]);
    expect(reached.next?.inMs).toBeGreaterThan(900);
    expect(await fired()).toHaveLength(1);
  });
});

test('the wake-up is the end of the bucket of 20 ms, as far away as Redis says; one for all of a bucket', async () => {
  const [first, last] = [DEADLINE - 6, DEADLINE + 13];
  expect([first % 20, last % 20]).toEqual([1, 0]);
  for (const [i, deadline] of [first, DEADLINE, last, last + 1].entries()) {
    await bench.publish(created({ orderId: i + 1, deadline }));
  }
  const { reports } = await bench.drain();
  expect(reports.map(wakeUpOf).sort((a, b) => a.inMs - b.inMs)).toEqual([
    { bucketEnd: last, inMs: last - NOW },
    { bucketEnd: last + 20, inMs: last + 20 - NOW },
  ]);
});

test('the whole log read again changes nothing', async () => {
  for (const orderId of [1, 2, 3]) await bench.deliver(created({ orderId }), 'drain');
  await bench.deliver(placed(), 'drain');
  await clock.set(DEADLINE);
  await reach();
  const before = await dumpKeyspace(redis);
  await bench.redeliverAll();
  await reach();
  expect(changedKeys(before, await dumpKeyspace(redis))).toEqual([]);
});
