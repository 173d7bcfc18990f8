import { deadKey, indexKey, logKey } from 'common/events/keys';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startEventBench, WAYS } from '../../../tests/kit/eventBench.ts';
import { changedKeys, dumpKeyspace } from '../../../tests/kit/keyspace.ts';
import { pointActor, pointSettings } from './actor.ts';
import { accountKey, statusIndexKey, transactionKey } from './keys.ts';
import { openAccountOnce } from './scripts/openAccount.ts';

// Goal: points are taken once and given back once, whatever is repeated, late, in the wrong order or broken. Method: the
// shipped scripts by both ways with a virtual clock, and the account looked at after every step.
const RETENTION_MS = 60_000;
const NOW = 1_700_000_000_000;
const DEADLINE = NOW + 10_000;
const USER = 'jjy %d';
const MAX = 9_007_199_254_740_991;

const bench = await startEventBench(pointActor, pointSettings({ retentionMs: RETENTION_MS }));
const { redis, tag } = bench;
afterAll(() => bench.stop());
beforeEach(() => bench.reset(NOW));

const open = (point: number, userId = USER) =>
  openAccountOnce(bench.runner, redis, {
    ...{ tag, userId, point, requestDigest: crypto.randomUUID(), bodyDigest: 'ab', requestMs: 60_000 },
  });
const account = () => redis.hgetall(accountKey(tag, USER));
const transaction = (orderId = 1) => redis.hgetall(transactionKey(tag, orderId));

const common = { orderId: 1, timestamp: NOW, deadline: DEADLINE, userId: USER };
const succeed = (point: number, more = {}) => ({
  ...{ eventType: 'ExchangeSucceed', ...common, currencyId: '1', amount: 500, rate: 1_000_000, point, ...more },
});
const compensated = (point: number, more = {}) => ({ eventType: 'ExchangeCompensated', ...common, point, ...more });

/** Puts a text where something else should be. */
async function spoil(key: string): Promise<void> {
  await redis.del(key);
  await redis.set(key, 'of the wrong type');
}

const BROKEN: [string, () => Promise<unknown>][] = [
  ['an account of the wrong type', () => spoil(accountKey(tag, USER))],
  ['an index of the wrong type', () => spoil(statusIndexKey(tag, 'USED'))],
  ['a log index of the wrong type', () => Promise.all([1, 2].map((orderId) => spoil(indexKey(tag, orderId))))],
  ['dead letters of the wrong type', () => spoil(deadKey(tag))],
  ['a balance that is no number', async () => redis.hset(accountKey(tag, USER), 'point', '1e3')],
  ['a field that is gone', async () => redis.hdel(accountKey(tag, USER), 'usedArchived')],
  ['an account that does not add up', async () => redis.hset(accountKey(tag, USER), 'point', '10001')],
];

describe.each(WAYS)('by %s', (way) => {
  test('takes the points, once', async () => {
    await open(10_000);
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|none|USED|PointUsed');
    expect(await account()).toMatchObject({ point: '9500', deposited: '10000', used: '500', usedArchived: '0' });
    expect(await transaction()).toMatchObject({ status: 'USED', userId: USER, point: '500' });
    expect(await redis.zrange(statusIndexKey(tag, 'USED'), '0', '-1')).toEqual(['0000000000000001']);

    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|USED|USED|');
    expect((await account()).point).toBe('9500');
    expect(await bench.events('PointUsed')).toMatchObject([{ userId: USER, pointUsed: '500', point: '9500' }]);
  });

  test('a balance of exactly the price suffices; a redelivery is answered by the record, not by the empty account', async () => {
    await open(500);
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|none|USED|PointUsed');
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|USED|USED|');
    expect(await bench.events('PointUsed', 'PointUseFailed')).toMatchObject([{ point: '0' }]);
  });

  test('one point too few', async () => {
    await open(499);
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|none|FAILED|PointUseFailed');
    expect((await account()).point).toBe('499');
    expect(await bench.events('PointUseFailed')).toMatchObject([{ reason: 'INSUFFICIENT_POINTS', point: '499' }]);
  });

  test('an account that does not exist, and is opened before the redelivery', async () => {
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|none|FAILED|PointUseFailed');
    expect(await bench.events('PointUseFailed')).toMatchObject([{ reason: 'ACCOUNT_NOT_FOUND', point: '0' }]);
    await open(1_000);
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|FAILED|FAILED|');
    expect((await account()).point).toBe('1000');
  });

  test('at the deadline nothing is taken, 1 ms before it is', async () => {
    await open(1_000);
    await bench.clock.set(DEADLINE);
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|none|none|EXPIRED');
    expect(await transaction()).toEqual({});
    await bench.clock.set(DEADLINE - 1);
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|none|USED|PointUsed');
  });

  test('gives back what the transaction says, once, whatever the event says and however late', async () => {
    await open(10_000);
    await bench.deliver(succeed(500), way);
    await bench.clock.set(DEADLINE + 10 * RETENTION_MS);
    expect(await bench.deliver(compensated(7, { userId: 'somebody else' }), way)).toBe(
      'ExchangeCompensated|USED|REFUNDED|PointUseCompensated',
    );
    expect(await bench.deliver(compensated(500), way)).toBe('ExchangeCompensated|REFUNDED|REFUNDED|');
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|REFUNDED|REFUNDED|');
    expect(await account()).toMatchObject({ point: '10000', deposited: '10000', used: '0' });
    expect(await transaction()).toMatchObject({ status: 'REFUNDED', userId: USER, point: '500' });
    expect(await bench.events('PointUseCompensated')).toMatchObject([
      { userId: USER, pointRefunded: '500', point: '10000' },
    ]);
    expect(await redis.zcard(statusIndexKey(tag, 'USED'))).toBe(0);
    expect(await redis.zscore(statusIndexKey(tag, 'REFUNDED'), '0000000000000001')).toBe(String(NOW));
  });

  test('a compensation that comes first makes the debit impossible', async () => {
    await open(1_000);
    expect(await bench.deliver(compensated(500), way)).toBe('ExchangeCompensated|none|VOIDED|');
    expect(await bench.deliver(succeed(500), way)).toBe('ExchangeSucceed|VOIDED|VOIDED|VOIDED');
    expect((await account()).point).toBe('1000');
    expect(await bench.events('PointUsed')).toEqual([]);
  });

  test('a compensation of nothing, when nobody can tell any more, is for a person', async () => {
    await bench.clock.set(DEADLINE + RETENTION_MS / 2);
    expect(await bench.deliver(compensated(500), way)).toBe('ExchangeCompensated|none|none|STALE');
    expect(await bench.deadReasons()).toEqual(['STALE']);
    await bench.clock.set(DEADLINE + RETENTION_MS / 2 - 1);
    expect(await bench.deliver(compensated(500), way)).toBe('ExchangeCompensated|none|VOIDED|');
  });

  test('the largest account: all of it taken and given back, to the point', async () => {
    await open(MAX);
    await bench.deliver(succeed(MAX), way);
    expect(await account()).toMatchObject({ point: '0', used: String(MAX) });
    await bench.deliver(compensated(MAX), way);
    expect(await account()).toMatchObject({ point: String(MAX), used: '0', deposited: String(MAX) });
  });

  test.each(BROKEN)('%s: neither the debit nor the refund writes anything', async (_, breakIt) => {
    await open(10_000);
    await bench.deliver(succeed(300, { orderId: 2 }), way);
    await breakIt();
    const before = await dumpKeyspace(redis);
    expect(await bench.deliver(succeed(500), way)).toBe('FAILED');
    expect(await bench.deliver(compensated(300, { orderId: 2 }), way)).toBe('FAILED');
    // The log has the two events that were published, and no answer to them.
    expect(changedKeys(before, await dumpKeyspace(redis))).toEqual([logKey(tag)]);
    expect(await bench.events('PointUsed', 'PointUseFailed', 'PointUseCompensated')).toHaveLength(1);
  });
});

test('the whole log read again changes nothing', async () => {
  await open(1_000);
  for (const orderId of [1, 2, 3]) await bench.deliver(succeed(400, { orderId }), 'drain');
  await bench.deliver(compensated(400), 'drain');
  const before = await dumpKeyspace(redis);
  await bench.redeliverAll();
  expect(changedKeys(before, await dumpKeyspace(redis))).toEqual([]);
  expect(await account()).toMatchObject({ point: '600', used: '400' });
});
