import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { copyEntry, untilRead } from '../kit/logProbe.ts';
import { startSystem } from '../kit/system.ts';
import { until } from '../kit/until.ts';

// Goal: the original's seventh scenario. Points that were taken for an order that is rejected come back, and only once,
// however often the compensation is delivered. Method: the order service is away while the points are taken, so that it
// learns of them after the deadline; then its entries of the log are added again, straight into the stream.
const system = await startSystem();
const redis = new Redis(system.redis.url);
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});
const { client } = system;
const tag = '0';

test('7: points that were taken too late come back once, although the compensation comes three times', async () => {
  await client.openAccount('jjy', 9_500);
  await system.say('stop exchange', 'exchange: stopped');
  const { id, deadline } = await client.placeOrder({ holderId: 'jjy', amount: 500 });
  await system.say('stop order', 'order: stopped');
  await system.say('start exchange', 'exchange: up');
  await until('the points to be taken', async () => (await client.account('jjy')).point === 9_000);
  await until('the deadline to be reached', async () => (await client.statusOf('deadlines', id)) === 'REACHED', {
    timeoutMs: Date.parse(deadline) - Date.now() + 2_000,
    pauseMs: 50,
  });
  await system.say('start order', 'order: up');

  expect((await client.settled(id)).status).toBe('REJECTED DUE TO DEADLINE');
  expect(await client.eventsOnce(id, 7)).toEqual([
    'OrderCreated',
    'ExchangeSucceed',
    'PointUsed',
    'DeadlineReached',
    'OrderRejected',
    'ExchangeCompensated',
    'PointUseCompensated',
  ]);
  const refunded = { userId: 'jjy', point: 9_500, deposited: 9_500, used: 0 };
  expect(await client.account('jjy')).toEqual(refunded);

  const { items } = await client.history(id);
  for (const type of ['ExchangeCompensated', 'OrderRejected', 'ExchangeCompensated', 'ExchangeSucceed', 'PointUsed']) {
    const original = items.find(({ eventType }) => eventType === type);
    await untilRead(redis, tag, await copyEntry(redis, tag, original?.id ?? 'none'));
    expect(await client.account('jjy'), `after a copy of ${type}`).toEqual(refunded);
  }
  expect((await client.order(id)).status).toBe('REJECTED DUE TO DEADLINE');
  expect(await client.statusOf('exchanges', id)).toBe('COMPENSATED');
  expect(await client.statusOf('transactions', id)).toBe('REFUNDED');
  expect(await client.eventTypes(id)).toHaveLength(7);
});
