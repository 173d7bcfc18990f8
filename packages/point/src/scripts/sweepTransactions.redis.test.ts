import { indexKey } from 'common/events/keys';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startEventBench } from '../../../../tests/kit/eventBench.ts';
import { pointActor, pointSettings } from '../actor.ts';
import { accountKey, statusIndexKey, transactionKey } from '../keys.ts';
import { openAccountOnce } from './openAccount.ts';
import { sweepTransactions } from './sweepTransactions.ts';

// Goal: transactions go when their time is over and their order is gone, and the account still adds up. Method: events
// at a virtual time, the order's index removed as the order service does, the script called with a small limit.
const RETENTION_MS = 60_000;
const NOW = 1_700_000_000_000;
const USER = 'jjy';
const bench = await startEventBench(pointActor, pointSettings({ retentionMs: RETENTION_MS }));
const { redis, tag, runner } = bench;
afterAll(() => bench.stop());

beforeEach(async () => {
  await bench.reset(NOW);
  const request = { requestDigest: 'a', bodyDigest: 'b', requestMs: 60_000 };
  await openAccountOnce(runner, redis, { tag, userId: USER, point: 1_000, ...request });
  for (const orderId of [1, 2, 3, 4]) {
    const common = { orderId, timestamp: NOW, deadline: NOW + 10_000, userId: USER };
    const event = { eventType: 'ExchangeSucceed', ...common, currencyId: '1', amount: 1, rate: 1_000_000, point: 100 };
    await bench.deliver(event, 'drain');
    if (orderId === 4) await bench.deliver({ eventType: 'ExchangeCompensated', ...common, point: 100 }, 'drain');
    // Its own service has forgotten orders 1, 2 and 4; number 3 is still kept.
    if (orderId === 3) await redis.rpush(indexKey(tag, orderId), '1-1');
  }
});

async function sweep(status: string, offset = 0, countMax = 200): Promise<[number, number]> {
  const args = { tag, status, retentionMs: RETENTION_MS, offset, countMax };
  const { rest } = await runner.run(redis, sweepTransactions, { index: statusIndexKey(tag, status) }, args);
  const [seen, removed] = rest.map(Number);
  return [seen ?? Number.NaN, removed ?? Number.NaN];
}

const account = () => redis.hgetall(accountKey(tag, USER));
const isKept = (orderId: number) => redis.exists(transactionKey(tag, orderId));

test('nothing goes before deadline + retention', async () => {
  await bench.clock.set(NOW + 10_000 + RETENTION_MS - 1);
  expect(await sweep('USED')).toEqual([3, 0]);
  expect(await account()).toMatchObject({ usedArchived: '0' });
});

test('the points of USED ones stay used: archived together, though several go in one call', async () => {
  await bench.clock.set(NOW + 10_000 + RETENTION_MS);
  expect(await sweep('USED')).toEqual([3, 2]);
  expect(await Promise.all([1, 2, 3].map(isKept))).toEqual([0, 0, 1]);
  expect(await redis.zrange(statusIndexKey(tag, 'USED'), '0', '-1')).toEqual(['0000000000000003']);
  expect(await account()).toMatchObject({ point: '700', used: '300', usedArchived: '200', deposited: '1000' });
  expect(await sweep('USED')).toEqual([1, 0]);
  expect(await account()).toMatchObject({ usedArchived: '200' });
});

test('a REFUNDED one goes without a trace in the account', async () => {
  await bench.clock.set(NOW + 10_000 + RETENTION_MS);
  const before = await account();
  expect(await sweep('REFUNDED')).toEqual([1, 1]);
  expect(await account()).toEqual(before);
});

test('what has to stay is passed over by the offset', async () => {
  await redis.rpush(indexKey(tag, 1), '1-1');
  await bench.clock.set(NOW + 10_000 + RETENTION_MS);
  expect(await sweep('USED', 0, 1)).toEqual([1, 0]);
  expect(await sweep('USED', 1, 1)).toEqual([1, 1]);
  expect(await isKept(2)).toBe(0);
});

test('an account that does not add up keeps its transactions; others go', async () => {
  await redis.hset(transactionKey(tag, 1), 'userId', 'nobody');
  await redis.hset(transactionKey(tag, 2), 'point', '301');
  await redis.del(indexKey(tag, 3));
  await bench.clock.set(NOW + 10_000 + RETENTION_MS);
  expect(await sweep('USED')).toEqual([3, 1]);
  expect(await Promise.all([1, 2, 3].map(isKept))).toEqual([1, 1, 0]);
  expect(await account()).toMatchObject({ usedArchived: '100' });
});
