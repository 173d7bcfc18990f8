import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ParcelBench, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { FAILS, mendedKey, WORK } from './fixture/parcelActor.ts';
import { IN_FLIGHT_MAX } from './limits.ts';

// Goal: work outside Redis delays nobody, and memory holds no more of it than it may. Method: handlers behind a gate.
let bench: ParcelBench;
beforeAll(async () => {
  bench = await startParcelBench();
});
afterEach(() => bench.redis.flushall());
afterAll(() => bench.stop());

test('sleeping work delays no other entry', async () => {
  const gate = Promise.withResolvers<string>();
  const consumer = await bench.consumer(() => gate.promise);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  for (const orderId of [2, 3]) await bench.publish('OrderCreated', orderId);
  await until('those behind it to be done', async () => (await bench.status(3)) === 'MADE');
  expect(await bench.status(2)).toBe('MADE');
  expect(await bench.status(1)).toBeNull();
  expect(await bench.pending()).toHaveLength(1);
  gate.resolve('done');
  await until('the sleeper to be done', async () => (await bench.status(1)) === 'MADE');
  expect(await bench.pending()).toEqual([]);
  await consumer.stop();
});

test('more is handed back than may be in flight: the rest waits in Redis and is all done', async () => {
  const gate = Promise.withResolvers<string>();
  let begun = 0;
  const consumer = await bench.consumer(() => {
    begun += 1;
    return gate.promise;
  });
  const orders = Array.from({ length: IN_FLIGHT_MAX + 500 }, (_, i) => i + 1);
  await Promise.all(orders.map((orderId) => bench.publish('OrderCreated', orderId, { currencyId: WORK })));
  await until('all to be pending', async () => (await bench.pending()).length === orders.length);
  await until('work up to the limit', () => begun === IN_FLIGHT_MAX);
  expect(await consumer.metric('inFlight')).toBe(IN_FLIGHT_MAX);
  gate.resolve('done');
  await until('nothing to be pending', async () => (await bench.pending()).length === 0);
  expect(begun).toBe(orders.length);
  const made = (await bench.events()).filter(({ eventType }) => eventType === 'ExchangeSucceed');
  expect(new Set(made.map(({ orderId }) => orderId)).size).toBe(orders.length);
  expect(made).toHaveLength(orders.length);
  await until('nothing in flight', async () => (await consumer.metric('inFlight')) === 0);
  await consumer.stop();
});

test('a compensation that has failed waits for no sleeper, however many there are', async () => {
  const gate = Promise.withResolvers<string>();
  const consumer = await bench.consumer(() => gate.promise);
  const orders = Array.from({ length: IN_FLIGHT_MAX }, (_, i) => i + 1);
  await Promise.all(orders.map((orderId) => bench.publish('OrderCreated', orderId, { currencyId: WORK })));
  await until('work up to the limit', async () => (await consumer.metric('inFlight')) === IN_FLIGHT_MAX);
  await bench.publish('OrderRejected', 5_000, { currencyId: FAILS });
  await until('it to fail', async () => (await consumer.metric('retries')) > 0);
  await bench.redis.set(mendedKey(bench.tag), 1);
  await until('the compensation to be done', async () => {
    await bench.hurryRetries();
    return (await bench.status(5_000)) === 'UNDONE';
  });
  await until('the sleepers alone to be left', async () => (await consumer.metric('inFlight')) === IN_FLIGHT_MAX);
  gate.resolve('done');
  await until('nothing to be pending', async () => (await bench.pending()).length === 0);
  await consumer.stop();
});

test('work that fails is tried again, and what it returns reaches the script', async () => {
  let attempts = 0;
  const consumer = await bench.consumer(async () => {
    attempts += 1;
    if (attempts < 3) throw new Error('the other system is away');
    return 'done';
  });
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('the third attempt', async () => (await bench.status(1)) === 'MADE');
  expect(attempts).toBe(3);
  expect(await consumer.metric('retries')).toBe(2);
  expect(await bench.pending()).toEqual([]);
  await consumer.stop();
});
