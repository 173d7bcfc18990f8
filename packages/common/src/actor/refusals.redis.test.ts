import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ParcelBench, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { WORK } from './fixture/parcelActor.ts';

// Goal: while Redis refuses, an actor waits with pauses and loses nothing; once it does not, all goes on by itself, work that
// was under way too. Method: a Redis that is made a replica, or held up by somebody's endless script, or whose log is gone.
let bench: ParcelBench;
let other: Redis;
beforeAll(async () => {
  bench = await startParcelBench();
  other = new Redis(bench.server.url, { protocol: 2 });
});
afterEach(() => bench.redis.flushall());
afterAll(async () => {
  other.disconnect();
  await bench.stop();
});

const emitted = async () => (await bench.events()).filter(({ eventType }) => eventType === 'ExchangeSucceed').length;

/** The last word of Redis while an endless script runs: it is told to end, and its caller hears that. */
async function endlessScript(): Promise<() => Promise<void>> {
  await bench.redis.config('SET', 'busy-reply-threshold', '50');
  const ended = other.eval('while true do end', 0).catch((error: Error) => error.message);
  await until('Redis to be busy', async () => (await bench.redis.ping().catch(String)).includes('BUSY'));
  return async () => {
    await bench.redis.script('KILL');
    expect(await ended).toMatch(/killed/i);
  };
}

async function replica(): Promise<() => Promise<void>> {
  await bench.redis.replicaof('127.0.0.1', 1);
  return async () => void (await bench.redis.replicaof('NO', 'ONE'));
}

test.each([
  ['a replica', replica],
  ['busy with an endless script', endlessScript],
])('a Redis that is %s for a while', async (_, refuse) => {
  const gate = Promise.withResolvers<string>();
  let begun = 0;
  const consumer = await bench.consumer(() => {
    begun += 1;
    return gate.promise;
  });
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', () => begun === 1);
  const allow = await refuse();
  gate.resolve('done');
  await until('the work to be refused', async () => (await consumer.metric('inFlight')) === 0);
  await allow();
  await bench.publish('OrderCreated', 2);
  for (const id of [1, 2]) await until(`order ${id} to be done`, async () => (await bench.status(id)) === 'MADE');
  expect(await bench.pending()).toEqual([]);
  expect(await emitted()).toBe(2);
  expect(await consumer.metric('drainErrors')).toBeLessThan(50);
  await consumer.stop();
});

test('a log that is deleted begins anew; work that was under way has lost its event, and leaves nothing', async () => {
  const gate = Promise.withResolvers<string>();
  const consumer = await bench.consumer(() => gate.promise);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', async () => (await consumer.metric('inFlight')) === 1);
  await bench.redis.del(bench.log);
  gate.resolve('done');
  await bench.publish('OrderCreated', 2);
  await until('the next order to be done', async () => (await bench.status(2)) === 'MADE');
  await until('nothing in flight', async () => (await consumer.metric('inFlight')) === 0);
  expect(await bench.pending()).toEqual([]);
  expect(await bench.status(1)).toBeNull();
  expect(await consumer.metric('lostGroups')).toBe(1);
  await consumer.stop();
});
