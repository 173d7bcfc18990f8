import { actorScripts } from 'common/actor/actorScripts';
import { drainReport } from 'common/actor/scripts/drain';
import { indexKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { ScriptRunner } from 'common/script/scriptRunner';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { placeOrder } from '../../../tests/kit/placeOrder.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { VirtualClock, virtualClockLua } from '../../../tests/kit/virtualClock.ts';
import { orderActor } from './actor.ts';
import { orderKey, pendingKey, statusIndexKey } from './keys.ts';

// Goal: what each event does with an order, to the millisecond and by both ways. Method: the actor's scripts against a
// real Redis with a virtual clock. tests/cells walks through every cell; here is what a settled order looks like.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const runner = new ScriptRunner({ clock: virtualClockLua });
const clock = new VirtualClock(redis, '0');
const { drain, handle } = actorScripts(orderActor.table, orderActor.scriptsFolder, orderActor.transitionFiles, {});
const NOW = 1_700_000_000_000;
const DEADLINE = NOW + 10_000;
const log = logKey('0');

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

beforeEach(async () => {
  await redis.flushall();
  await clock.set(NOW);
  await redis.xgroup('CREATE', log, 'order', '$', 'MKSTREAM');
  await placeOrder(runner, redis, {
    holderId: 'jjy',
    currencyId: 'USD',
    amount: 500,
    partition: { index: 0, tag: '0' },
    partitions: 1,
    requestDigest: 'a',
    bodyDigest: 'b',
    admit: true,
    deadlineMs: 10_000,
    requestMs: 60_000,
  });
});

const OWN_FIELDS = {
  PointUsed: { userId: 'jjy', pointUsed: '500', point: '0' },
  PointUseFailed: { userId: 'jjy', reason: 'INSUFFICIENT_POINTS', point: '0' },
  ExchangeFailed: { userId: 'jjy', reason: 'SUSPENDED' },
  DeadlineReached: { lateMs: '0' },
};
type On = keyof typeof OWN_FIELDS;

/** @param deadline what the event claims; the record knows better */
async function publish(eventType: On, deadline = DEADLINE, orderId = 1): Promise<string> {
  const common = { eventType, version: '1', orderId, timestamp: NOW, deadline };
  const id = await redis.xadd(log, '*', ...Object.entries({ ...common, ...OWN_FIELDS[eventType] }).flat());
  return String(id);
}

const ways = {
  async drain(_id: string) {
    const args = { tag: '0', group: 'order', consumer: 'c', countMax: 100, trail: 0 };
    const { outcomes, handedBack } = drainReport((await runner.run(redis, drain, { log }, args)).rest);
    expect(handedBack).toEqual([]);
    return outcomes.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'PASSED');
  },
  async handle(id: string) {
    await redis.xgroup('SETID', log, 'order', id);
    await redis.xclaim(log, 'order', 'c', 0, id, 'FORCE', 'JUSTID');
    const keys = { log, retry: retryKey('0', 'order') };
    const { word, rest } = await runner.run(redis, handle, keys, { tag: '0', group: 'order', id, prepared: '' });
    expect(word).toBe('DONE');
    return [rest[0]];
  },
};

const lastEvent = async () => {
  const [last] = await redis.xrevrange(log, '+', '-', 'COUNT', 1);
  return { id: last?.[0], ...entryFields(last?.[1] ?? []) };
};

describe.each(['drain', 'handle'] as const)('by %s', (way) => {
  test.each([
    ['PointUsed', DEADLINE - 1, 'APPROVED', 'OrderPlaced'],
    ['PointUsed', DEADLINE, 'REJECTED DUE TO DEADLINE', 'OrderRejected'],
    ['PointUseFailed', DEADLINE - 1, 'REJECTED DUE TO POINT LIMIT', 'OrderRejected'],
    ['PointUseFailed', DEADLINE, 'REJECTED DUE TO POINT LIMIT', 'OrderRejected'],
    ['ExchangeFailed', DEADLINE - 1, 'REJECTED DUE TO EXCHANGE ERROR', 'OrderRejected'],
    ['DeadlineReached', DEADLINE, 'REJECTED DUE TO DEADLINE', 'OrderRejected'],
  ] as const)('%s at %i settles: %s', async (on, at, status, emitted) => {
    const id = await publish(on);
    await clock.set(at);
    expect(await ways[way](id)).toEqual([`${on}|PENDING|${status}|${emitted}`]);
    expect(await redis.hgetall(orderKey('0', 1))).toMatchObject({ status, settledAt: String(at), amount: '500' });
    expect(await redis.exists(pendingKey('0'), statusIndexKey('0', 'PENDING'))).toBe(0);
    expect(await redis.zrange(statusIndexKey('0', status), 0, '-1', 'WITHSCORES')).toEqual([
      '0000000000000001',
      String(NOW),
    ]);
    const event = await lastEvent();
    const common = { version: '1', orderId: '1', timestamp: String(at), deadline: String(DEADLINE), causationId: id };
    const reason = status.replace('REJECTED DUE TO ', '');
    const own = emitted === 'OrderPlaced' ? {} : { currencyId: 'USD', amount: '500', reason };
    expect(event).toEqual({ id: event.id, eventType: emitted, holderId: 'jjy', ...common, ...own });
    expect(await redis.lrange(indexKey('0', 1), -1, -1)).toEqual([event.id]);
  });

  test('the record says when the deadline is, not the event', async () => {
    const id = await publish('PointUsed', DEADLINE + 5_000);
    await clock.set(DEADLINE);
    expect(await ways[way](id)).toEqual(['PointUsed|PENDING|REJECTED DUE TO DEADLINE|OrderRejected']);
    expect(await lastEvent()).toMatchObject({ deadline: String(DEADLINE) });
  });

  test('a contradiction of a settled order leaves a note, a duplicate nothing', async () => {
    await ways[way](await publish('PointUsed'));
    const before = await redis.lrange(indexKey('0', 1), 0, -1);
    expect(await ways[way](await publish('PointUsed'))).toEqual(['PointUsed|APPROVED|APPROVED|']);
    expect(await redis.lrange(indexKey('0', 1), 0, -1)).toEqual(before);
    await clock.set(DEADLINE + 7);
    const id = await publish('DeadlineReached');
    expect(await ways[way](id)).toEqual(['DeadlineReached|APPROVED|APPROVED|ALREADY_SETTLED']);
    const note = `ignored order ${id} ALREADY_SETTLED 7 ${DEADLINE + 7}`;
    expect(await redis.lrange(indexKey('0', 1), 0, -1)).toEqual([...before, note]);
    expect(await redis.hget(orderKey('0', 1), 'status')).toBe('APPROVED');
  });

  test('an event of an order that is not kept brings nothing back', async () => {
    expect(await ways[way](await publish('PointUsed', DEADLINE, 99))).toEqual(['PointUsed|none|none|UNKNOWN_ORDER']);
    expect(await redis.exists(orderKey('0', 99), indexKey('0', 99))).toBe(0);
  });
});

test('an order that cannot be read is handed back, and nothing of it is written', async () => {
  await redis.hset(orderKey('0', 1), 'amount', '5e2');
  const id = await publish('PointUsed');
  const args = { tag: '0', group: 'order', consumer: 'c', countMax: 100, trail: 0 };
  const { handedBack } = drainReport((await runner.run(redis, drain, { log }, args)).rest);
  expect(handedBack).toEqual([{ id, why: 'FAILED', detail: expect.stringContaining('order 1 is unreadable') }]);
  expect(await redis.hget(orderKey('0', 1), 'status')).toBe('PENDING');
});
