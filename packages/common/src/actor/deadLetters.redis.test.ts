import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ParcelBench, type ParcelConsumer, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { FAILS, mendedKey, parcelActor, WORK } from './fixture/parcelActor.ts';
import { ATTEMPTS_MAX, INCIDENT_ATTEMPTS } from './limits.ts';

// Goal: what can not be handled leaves the way after its attempts, with its reason, and is never lost; a compensation is
// never given up. Method: a real actor on a real Redis; waiting retries are made due by hand, the attempts are its own.
let bench: ParcelBench;
let consumer: ParcelConsumer;
beforeAll(async () => {
  bench = await startParcelBench();
});
beforeEach(async () => {
  await bench.redis.flushall();
  consumer = await bench.consumer();
});
afterEach(() => consumer.stop());
afterAll(() => bench.stop());

const untilBuried = () =>
  until('a dead letter', async () => {
    await bench.hurryRetries();
    return (await bench.deadLetters())[0];
  });

test('a poison entry is a dead letter after its attempts, whole, and nothing waits behind it', async () => {
  const id = await bench.publish('OrderCreated', 1, { currencyId: FAILS, extra: 'of tomorrow' });
  await bench.publish('OrderCreated', 2);
  await until('the next order to be handled', async () => (await bench.status(2)) === 'MADE');
  expect(await bench.deadLetters()).toEqual([]);

  expect(await untilBuried()).toMatchObject({
    'dead.reason': 'FAILED',
    'dead.cause': expect.stringContaining('the parcel of order 1 is broken'),
    'dead.group': 'exchange',
    'dead.id': id,
    'dead.attempts': String(ATTEMPTS_MAX),
    eventType: 'OrderCreated',
    orderId: '1',
    extra: 'of tomorrow',
  });
  expect(await bench.pending()).toEqual([]);
  expect(await bench.redis.exists(bench.retry)).toBe(0);
  expect(await bench.status(1)).toBeNull();
  expect(await consumer.metric('retries')).toBe(ATTEMPTS_MAX - 1);
});

test('the pause before an attempt doubles', async () => {
  const publishedAt = Date.now();
  const id = await bench.publish('OrderCreated', 1, { currencyId: FAILS });
  const seen = new Map<number, number>();
  await until('attempts to fail', async () => {
    const [[, due], [, pending]] = ((await bench.redis
      .multi()
      .zscore(bench.retry, id)
      .xpending(bench.log, parcelActor.group, id, id, 1)
      .exec()) ?? []) as [[null, string | null], [null, [string, string, number, number][]]];
    if (due !== null) seen.set(Number(pending[0]?.[3]), Number(due));
    return (await bench.deadLetters()).length > 0;
  });
  // A busy machine comes late to an attempt, never early.
  expect(seen.size).toBeGreaterThan(0);
  for (const [attempts, due] of seen) expect(due - publishedAt).toBeGreaterThanOrEqual(200 * (2 ** attempts - 1));
});

test('a malformed entry is a dead letter at once, with every wrong field named and every field kept', async () => {
  const id = await bench.publish('OrderCreated', 1, { amount: '1e3', holderId: '', extra: 'of tomorrow' });
  const [dead] = await until(
    'a dead letter',
    async () => (await bench.deadLetters()).length > 0 && bench.deadLetters(),
  );
  expect(dead).toMatchObject({ 'dead.reason': 'MALFORMED', 'dead.id': id, 'dead.attempts': '0', extra: 'of tomorrow' });
  expect(dead?.['dead.cause']).toMatch(/holderId: .*amount: /);
  expect(await bench.pending()).toEqual([]);
});

test('an unknown event passes by', async () => {
  await bench.publish('OrderDreamtOf', 1);
  await bench.publish('OrderCreated', 2);
  await until('the next order to be handled', async () => (await bench.status(2)) === 'MADE');
  expect(await bench.deadLetters()).toEqual([]);
  expect(await bench.pending()).toEqual([]);
});

test('a compensation is never given up, is shown as an incident, and ends well once it can', async () => {
  const id = await bench.publish('OrderRejected', 1, { currencyId: FAILS });
  await until(
    'twice the attempts of others',
    async () => {
      await bench.hurryRetries();
      return ((await bench.pending())[0]?.attempts ?? 0) >= 2 * ATTEMPTS_MAX;
    },
    { timeoutMs: 15_000 },
  );
  expect(await bench.deadLetters()).toEqual([]);
  expect(consumer.actor.incidents.list()).toMatchObject([{ eventId: id, eventType: 'OrderRejected' }]);
  expect(consumer.actor.incidents.list()[0]?.attempts).toBeGreaterThanOrEqual(INCIDENT_ATTEMPTS);
  expect(await consumer.metric('incidents')).toBe(1);

  await bench.redis.set(mendedKey(bench.tag), 1);
  await until('the compensation to end', async () => {
    await bench.hurryRetries();
    return (await bench.status(1)) === 'UNDONE';
  });
  await until('no incident', () => consumer.actor.incidents.list().length === 0);
  expect(await bench.pending()).toEqual([]);
});

test('an incident that somebody else has mended is shown no more', async () => {
  const id = await bench.publish('OrderRejected', 1, { currencyId: FAILS });
  await until(
    'an incident',
    async () => {
      await bench.hurryRetries();
      return consumer.actor.incidents.list().length === 1;
    },
    { timeoutMs: 15_000 },
  );
  expect(consumer.actor.incidents.list()).toMatchObject([{ partition: bench.tag, orderId: 1 }]);
  // As another consumer does that has taken its retry.
  await bench.redis.zrem(bench.retry, id);
  await bench.redis.xack(bench.log, 'exchange', id);
  await until('no incident', () => consumer.actor.incidents.list().length === 0);
});

test('an entry that is trimmed while it is worked on is a dead letter TRIMMED', async () => {
  await consumer.stop();
  const gate = Promise.withResolvers<string>();
  consumer = await bench.consumer(() => gate.promise);
  const id = await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', async () => (await consumer.metric('inFlight')) === 1);
  await bench.redis.xdel(bench.log, id);
  gate.resolve('done');
  const [dead] = await until(
    'a dead letter',
    async () => (await bench.deadLetters()).length > 0 && bench.deadLetters(),
  );
  expect(dead).toMatchObject({ 'dead.reason': 'TRIMMED', 'dead.id': id, 'dead.group': 'exchange' });
  await until('it to be counted', async () => (await consumer.metric('deadLetters')) === 1);
  expect(await bench.pending()).toEqual([]);
  expect(await bench.status(1)).toBeNull();
});
