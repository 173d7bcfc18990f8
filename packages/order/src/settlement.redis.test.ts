import { indexKey, logKey } from 'common/events/keys';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { createOrderService } from './service.ts';

// Goal: who waits for an order is told at once when it settles, and gets what is known when the time is up; who watches its
// events misses none. Method: the service in this process, the other services played by this test.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const service = await startInProcess('order', createOrderService, { REDIS_URL: server.url, DEADLINE_MS: '600000' });

afterAll(async () => {
  await service.stop();
  redis.disconnect();
  await server.stop();
});

type Shown = { id: number; status: string; settledAt?: string };
type EventType = 'PointUsed' | 'PointUseFailed';

const body = { holderId: 'jjy', currencyId: '1', amount: 500 };
const place = async (headers = {}) => service.ask('POST', '/orders', { body, headers });
const placed = async () => (await place()).body as Shown;
const lastId = async () => Number(await redis.get('order:{0}:sequence'));

/** As a service publishes: the event and its place in the order's index are one step. */
const PUBLISH = `
  local id = redis.call('XADD', KEYS[1], '*', unpack(ARGV))
  redis.call('RPUSHX', KEYS[2], id)
  return id`;

async function publish(eventType: EventType, orderId: number): Promise<string> {
  const common = { eventType, version: 1, orderId, timestamp: Date.now(), deadline: Date.now() + 600_000 };
  const own = eventType === 'PointUsed' ? { pointUsed: 500 } : { reason: 'INSUFFICIENT_POINTS' };
  const fields = { ...common, userId: 'jjy', ...own, point: 0 };
  const flat = Object.entries(fields).flat().map(String);
  return String(await redis.eval(PUBLISH, 2, logKey('0'), indexKey('0', orderId), ...flat));
}

const tails = async () => String(await redis.client('LIST')).match(/name=order-tail-0/g)?.length ?? 0;
const isWaitedFor = () => until('somebody to listen', async () => (await tails()) > 0);

/** Half the time that is waited at most: who is not told finds out only when it is up. */
async function prompt<T>(waiting: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const answer = await waiting;
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  return answer;
}

test('POST with Prefer: wait answers the moment the order settles', async () => {
  const before = await lastId();
  const waiting = place({ Prefer: 'wait=20' });
  await until('the order to be placed', async () => (await lastId()) > before);
  await isWaitedFor();
  await publish('PointUsed', before + 1);
  const { status, headers, body: order } = await prompt(waiting);
  expect({ status, applied: headers.get('Preference-Applied') }).toEqual({ status: 201, applied: 'wait=20' });
  expect(order).toMatchObject({ id: before + 1, status: 'APPROVED', settledAt: expect.any(String) });
});

test('GET with Prefer: wait answers the moment the order settles', async () => {
  const { id } = await placed();
  const waiting = service.ask('GET', `/orders/${id}`, { headers: { Prefer: 'wait=20' } });
  await isWaitedFor();
  await publish('PointUseFailed', id);
  expect((await prompt(waiting)).body).toMatchObject({ id, status: 'REJECTED DUE TO POINT LIMIT' });
});

test('when the time is up the order is answered as it is', async () => {
  const startedAt = performance.now();
  const { status, body: order } = await place({ Prefer: 'wait=1' });
  expect({ status, order }).toMatchObject({ status: 201, order: { status: 'PENDING' } });
  expect(performance.now() - startedAt).toBeGreaterThan(990);
});

test('one that is settled already, and wait=0, are answered at once', async () => {
  const { id } = await placed();
  expect((await service.ask('GET', `/orders/${id}`, { headers: { Prefer: 'wait=0' } })).body).toMatchObject({ id });
  await publish('PointUsed', id);
  const get = (headers: Record<string, string>) => service.ask('GET', `/orders/${id}`, { headers });
  await until('it to settle', async () => ((await get({})).body as Shown).status === 'APPROVED');
  expect((await get({ Prefer: 'wait=30' })).body).toMatchObject({ status: 'APPROVED' });
});

test('a client that goes ends its wait', async () => {
  const { id } = await placed();
  const client = new AbortController();
  const waiting = service.ask('GET', `/orders/${id}`, { headers: { Prefer: 'wait=30' }, signal: client.signal });
  await isWaitedFor();
  client.abort();
  expect((await prompt(waiting)).body).toMatchObject({ status: 'PENDING' });
});

test('when nobody waits any more the reading ends', async () => {
  await until('the connection to be closed', async () => (await tails()) === 0);
});

test('a hundred waits share one connection', async () => {
  const ids = (await Promise.all(Array.from({ length: 100 }, placed))).map(({ id }) => id);
  const waits = ids.map((id) => service.ask('GET', `/orders/${id}`, { headers: { Prefer: 'wait=20' } }));
  await isWaitedFor();
  expect(await tails()).toBe(1);
  await Promise.all(ids.map((id) => publish('PointUsed', id)));
  const statuses = (await prompt(Promise.all(waits))).map(({ body: order }) => (order as Shown).status);
  expect(new Set(statuses)).toEqual(new Set(['APPROVED']));
});

test('the events of an order in the order of the log, and why one was ignored', async () => {
  const { id } = await placed();
  const cause = await publish('PointUsed', id);
  const get = async () => (await service.ask('GET', `/orders/${id}`)).body as Shown;
  await until('it to be approved', async () => (await get()).status === 'APPROVED');
  const contradiction = await publish('PointUseFailed', id);
  const read = async () =>
    (await service.ask('GET', `/orders/${id}/events`)).body as { items: object[]; ignored: object[] };
  const { items, ignored } = await until('the contradiction to be noted', async () => {
    const history = await read();
    return history.ignored.length > 0 && history;
  });
  expect(items).toMatchObject([
    { eventType: 'OrderCreated', orderId: id, amount: 500, version: 1, timestamp: expect.stringMatching(/Z$/) },
    { eventType: 'PointUsed', id: cause, pointUsed: 500 },
    { eventType: 'OrderPlaced', causationId: cause, deadline: expect.stringMatching(/Z$/) },
    { eventType: 'PointUseFailed', id: contradiction },
  ]);
  const at = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(ignored).toEqual([{ group: 'order', eventId: contradiction, why: 'ALREADY_SETTLED', lateMs: 0, at }]);
});

/** Reads messages off a stream. */
async function watch(path: string, headers = {}) {
  const answer = await service.fetch(path, { Accept: 'text/event-stream', ...headers });
  expect(answer.headers.get('Content-Type')).toContain('text/event-stream');
  if (!answer.body) throw new Error('no body');
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async take(count: number): Promise<{ id: string; event: string; data: Record<string, unknown> }[]> {
      const whole = () => [...text.matchAll(/id: (.*)\nevent: (.*)\ndata: (.*)\n\n/g)];
      while (whole().length < count) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended after ${text}`);
        text += value;
      }
      return whole().map(([, id = '', event = '', data = '']) => ({ id, event, data: JSON.parse(data) }));
    },
    close: () => reader.cancel(),
  };
}

test('as a stream: what was, then what comes; after a break from where it was left', async () => {
  const { id } = await placed();
  const other = await placed();
  const stream = await watch(`/orders/${id}/events`);
  const [created] = await stream.take(1);
  expect(created).toMatchObject({ event: 'OrderCreated', data: { orderId: id } });
  expect(created?.id).toBe(`0=${created?.data.id}`);
  await publish('PointUsed', other.id);
  await publish('PointUsed', id);
  expect((await stream.take(3)).map(({ event }) => event)).toEqual(['OrderCreated', 'PointUsed', 'OrderPlaced']);
  await publish('PointUseFailed', id);
  const last = (await stream.take(4)).at(-1);
  expect(last).toMatchObject({ event: 'PointUseFailed' });
  await stream.close();

  const back = await watch(`/orders/${id}/events`, { 'Last-Event-ID': created?.id });
  expect((await back.take(3)).map(({ event }) => event)).toEqual(['PointUsed', 'OrderPlaced', 'PointUseFailed']);
  await back.close();
  const upToDate = await watch(`/orders/${id}/events`, { 'Last-Event-ID': last?.id });
  await publish('PointUseFailed', id);
  expect((await upToDate.take(1))[0]?.data.id).not.toBe(last?.data.id);
  await upToDate.close();
  await until('the connection to be closed', async () => (await tails()) === 0);
});

test('a Last-Event-ID that is none is refused', async () => {
  const { id } = await placed();
  const answer = await service.fetch(`/orders/${id}/events`, { Accept: 'text/event-stream', 'Last-Event-ID': 'x' });
  expect(answer.status).toBe(400);
});
