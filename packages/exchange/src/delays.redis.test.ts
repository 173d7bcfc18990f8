import { syncBuiltinESMExports } from 'node:module';
import { mock } from 'node:test';
import { indexKey, logKey } from 'common/events/keys';
import type { SagaEvent } from 'common/events/sagaEvent';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { exchangeActor } from './actor.ts';
import { delay } from './delays.ts';
import { exchangeKey } from './keys.ts';
import { createExchangeService } from './service.ts';

// Goal: the two currencies of the demonstration hold up their own order and nothing else, and a stop does not wait for
// them. Method: the delay by itself, cut short; then the whole service, whose delayed orders are cut short by its stop.
const TAG = '0';
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const orderCreated = (currencyId: string, deadline: number) => {
  const order = { orderId: 1, timestamp: deadline - 10_000, deadline, holderId: 'jjy', currencyId, amount: 5 };
  return { eventType: 'OrderCreated', version: 1, ...order } as const;
};

describe('the delay', () => {
  const at = { future: Date.now() + 60_000, past: Date.now() - 1 };
  const quit = new Error('quit');

  test.each([
    ['currency 1 is not delayed', '1', at.future, ''],
    ['nor is 1000', '1000', at.future, ''],
    ['200 is checked first: an expired one is said to be, at once', '200', at.past, 'expired'],
  ])('%s', async (_, currencyId, deadline, prepared) => {
    // An aborted signal ends every delay by its reason: an answer proves that there was none.
    const event: SagaEvent = orderCreated(currencyId, deadline);
    expect(await delay(event, AbortSignal.abort(quit))).toBe(prepared);
  });

  test.each([
    ['100 is late', '100', at.future],
    ['100 is late whether or not it is expired', '100', at.past],
    ['200 is late after its check', '200', at.future],
  ])('%s, until it is cut short', async (_, currencyId, deadline) => {
    const stopping = new AbortController();
    const delayed = delay(orderCreated(currencyId, deadline), stopping.signal);
    stopping.abort(quit);
    await expect(delayed).rejects.toMatchObject({ name: 'AbortError', cause: quit });
  });

  test('lasts ten seconds, not less', async () => {
    const { timers } = mock;
    timers.enable({ apis: ['setTimeout'] });
    syncBuiltinESMExports();
    onTestFinished(() => {
      timers.reset();
      syncBuiltinESMExports();
    });
    const answers: string[] = [];
    const delayed = ['100', '200'].map(async (currencyId) => {
      answers.push(await delay(orderCreated(currencyId, at.future), new AbortController().signal));
    });
    timers.tick(9_999);
    await Promise.resolve();
    expect(answers).toEqual([]);
    timers.tick(1);
    await Promise.all(delayed);
    expect(answers).toEqual(['delayed', 'delayed']);
  });

  test('other events of such an order are not delayed', async () => {
    const event: SagaEvent = { ...orderCreated('100', at.future), eventType: 'OrderRejected', reason: 'DEADLINE' };
    expect(await delay(event, AbortSignal.abort(quit))).toBe('');
  });
});

describe('the service', () => {
  const publish = async (orderId: number, currencyId: string, deadline: number) => {
    const event = { ...orderCreated(currencyId, deadline), orderId };
    const id = String(await redis.xadd(logKey(TAG), '*', ...Object.entries(event).flat()));
    await redis.rpush(indexKey(TAG, orderId), id);
    return id;
  };
  const pendingIds = async () => {
    const pending = (await redis.xpending(logKey(TAG), exchangeActor.group, '-', '+', 10)) as unknown[][];
    return pending.map(([id]) => id);
  };
  async function start() {
    const service = await startInProcess('exchange', createExchangeService, { REDIS_URL: server.url });
    onTestFinished(() => service.stop());
    return service;
  }

  test('works on others meanwhile, and its stop leaves the delayed ones to the next start', async () => {
    const service = await start();
    const inFlight = () => service.metric('saga_actor_in_flight{group="exchange",service="exchange"}');
    const ids = [await publish(1, '100', Date.now() + 60_000), await publish(2, '200', Date.now() + 60_000)];
    await until('both to be delayed', async () => (await inFlight()) === 2);
    await publish(3, '1', Date.now() + 60_000);
    await until('the third to be exchanged', () => redis.exists(exchangeKey(TAG, 3)));
    expect([await inFlight(), await pendingIds()]).toEqual([2, ids]);
    const startedAt = performance.now();
    await service.stop();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await redis.exists(exchangeKey(TAG, 1), exchangeKey(TAG, 2))).toBe(0);
    expect(await pendingIds()).toEqual(ids);
    const next = await start();
    const taken = () => next.metric('saga_actor_in_flight{group="exchange",service="exchange"}');
    await until('the next one to have taken both over', async () => (await taken()) === 2);
  });

  test('an expired order of currency 200 goes the long way at once, and leaves no exchange but a note', async () => {
    await start();
    const id = await publish(1, '200', Date.now() - 1);
    const notes = await until('a note that it was ignored', async () => {
      const items = await redis.lrange(indexKey(TAG, 1), 0, -1);
      return items.length > 1 && items;
    });
    expect(notes).toEqual([id, expect.stringContaining(`ignored exchange ${id} EXPIRED `)]);
    expect([await pendingIds(), await redis.exists(exchangeKey(TAG, 1))]).toEqual([[], 0]);
  });
});
