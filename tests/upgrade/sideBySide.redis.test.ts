import { DeadLetters } from 'common/deadLetters/deadLetters';
import { logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { ScriptRunner } from 'common/script/scriptRunner';
import { createExchangeService } from 'exchange/service';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { startInProcess } from '../kit/inProcess.ts';
import { startTestRedis } from '../kit/redis.ts';
import { startSagaInProcess } from '../kit/sagaInProcess.ts';
import { until } from '../kit/until.ts';
import { nextRelease } from './nextRelease.ts';

// Goal: two releases of a service work side by side on one log, whoever reads what the other has written; and where a release
// publishes too early what this one does not know, nothing is lost and nothing is half done. Method: this release in the test's
// process, a next one made of changed sources in processes of its own, in the same groups.
const LOG = logKey('0');
const WAIT_MS = 30_000;

const post = async (url: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
};
const eventsOf = async (redis: Redis) => (await redis.xrange(LOG, '-', '+')).map(([, flat]) => entryFields(flat));

test('every service twice, of this release and of the next: every order ends right, each reads the other', {
  timeout: 200_000,
}, async () => {
  const saga = await startSagaInProcess({ DEADLINE_MS: '60000' });
  const next = nextRelease(1);
  onTestFinished(async () => {
    await next.remove();
    await saga.stop();
  });
  const env = { REDIS_URL: saga.server.url, DEADLINE_MS: '60000', LOG_LEVEL: 'info' };
  const [nextOrder] = await Promise.all(
    (['order', 'exchange', 'point', 'deadline'] as const).map((name) => next.start(name, env)),
  );
  await saga.point.ask('POST', '/points', { body: { userId: 'jjy', point: 1_000_000 } });
  /** Which of the two published an event, and which its cause, by what kind of event it is. */
  const met = async () => {
    const entries = await saga.redis.xrange(LOG, '-', '+');
    const byId = new Map(entries.map(([id, flat]) => [id, entryFields(flat)]));
    const release = (event?: Record<string, string>) => (event?.channel === undefined ? 'this' : 'next');
    return new Set(
      [...byId.values()].flatMap((event) => {
        const cause = byId.get(event.causationId ?? '');
        return cause ? [`${release(event)} ${event.eventType} after ${release(cause)}`] : [];
      }),
    );
  };

  const orders: number[] = [];
  const wanted = ['ExchangeSucceed', 'PointUsed', 'OrderPlaced'].flatMap((type) => [
    `this ${type} after next`,
    `next ${type} after this`,
  ]);
  await until(
    'each to have read what the other wrote',
    async () => {
      orders.push(await saga.placeOrder('jjy', 5));
      const order = { holderId: 'jjy', currencyId: '1', amount: 5 };
      orders.push(((await post(nextOrder?.url ?? '', order)) as { id: number }).id);
      const seen = await met();
      return wanted.every((each) => seen.has(each));
    },
    { timeoutMs: 3 * WAIT_MS },
  );
  orders.push(await saga.placeOrder('jjy', 5_000_000));
  for (const id of orders) {
    const ended = await until(`order ${id}`, async () => /APPROVED|LIMIT/.exec(await saga.statusOf(id))?.[0]);
    expect(ended).toBe(id === orders.at(-1) ? 'LIMIT' : 'APPROVED');
  }
  const used = 5 * (orders.length - 1);
  expect((await saga.point.ask('GET', '/points/jjy')).body).toMatchObject({ used, point: 1_000_000 - used });
  expect((await saga.gateway.ask('GET', '/dead-letters')).body).toMatchObject({ items: [] });
  for (const group of ['order', 'exchange', 'point', 'deadline']) {
    await until(`${group} to have nothing pending`, async () => (await saga.redis.xpending(LOG, group))[0] === 0);
  }
});

test('a version that is not known here: the event is no lost one, and its compensation waits for whoever knows it', {
  timeout: 120_000,
}, async () => {
  const server = await startTestRedis();
  const redis = new Redis(server.url, { protocol: 2 });
  const next = nextRelease(2);
  const env = { REDIS_URL: server.url, DEADLINE_MS: '1000' };
  const exchange = await startInProcess('exchange', createExchangeService, env);
  onTestFinished(async () => {
    await next.remove();
    redis.disconnect();
    await server.stop();
  });
  const hurry = async () => {
    for (const id of await redis.zrange(retryKey('0', 'exchange'), '0', '-1')) {
      await redis.zadd(retryKey('0', 'exchange'), 'XX', '0', id);
    }
  };
  const letters = new DeadLetters(redis, new ScriptRunner(), [{ index: 0, tag: '0' }]);
  const order = await next.start('order', { ...env, LOG_LEVEL: 'info' });
  await post(order.url, { holderId: 'jjy', currencyId: '1', amount: 5 });

  const incident = await until(
    'its compensation to fail again and again',
    async () => {
      await hurry();
      const { body } = await exchange.ask('GET', '/healthz');
      return (body as { incidents: { attempts: number; cause: string }[] }).incidents.find(
        ({ attempts }) => attempts > 6,
      );
    },
    { timeoutMs: WAIT_MS },
  );
  expect(incident.cause).toBe('version 2 of OrderRejected is newer than this service knows: upgrade it');
  const [letter, ...more] = await letters.list({ index: 0, tag: '0' }, 10);
  expect(more).toEqual([]);
  expect(letter).toMatchObject({ reason: 'FAILED', attempts: 5, group: 'exchange' });
  expect(letter?.cause).toBe('version 2 of OrderCreated is newer than this service knows: upgrade it');
  expect(letter?.fields).toMatchObject({ version: '2', channel: 'next', orderId: '1' });

  // The upgrade: one comes, the other goes.
  await next.start('exchange', { ...env, LOG_LEVEL: 'info' });
  await exchange.stop();
  await until(
    'the compensation to be done',
    async () => {
      await hurry();
      return (
        (await redis.hget('exchange:{0}:1', 'status')) === 'VOIDED' && (await redis.xpending(LOG, 'exchange'))[0] === 0
      );
    },
    { timeoutMs: WAIT_MS },
  );
  expect(await letters.redrive({ index: 0, tag: '0' }, letter?.id ?? '', 'upgraded')).toBe('REDRIVEN');
  const handled = async () =>
    (await redis.lrange('choreography.deadline.order:{0}:1', 0, -1)).some((note) => note.includes('VOIDED'));
  await until('what was sent again to be passed by', handled, { timeoutMs: WAIT_MS });
  expect((await eventsOf(redis)).at(-1)).toMatchObject({ eventType: 'OrderCreated', version: '2', channel: 'next' });
  expect(await redis.hget('exchange:{0}:1', 'status')).toBe('VOIDED');
});
