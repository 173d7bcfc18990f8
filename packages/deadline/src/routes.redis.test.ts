import { logKey } from 'common/events/keys';
import { partitionOfOrder, partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyPage } from '../../../tests/kit/everyPage.ts';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { createDeadlineService } from './service.ts';

// Goal: pending deadlines are listed whole and newest first, and each can be asked for. Method: the whole service over
// three partitions, fed with events as the order service writes them.
const partitions = partitionsOf(3);
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const service = await startInProcess('deadline', createDeadlineService, { REDIS_URL: server.url, PARTITIONS: '3' });
afterAll(async () => {
  redis.disconnect();
  await service.stop();
  await server.stop();
});

const PENDING = Array.from({ length: 25 }, (_, i) => i + 1);
const FAR = Date.now() + 600_000;
const get = (path: string) => service.ask('GET', path);

async function publish(eventType: string, orderId: number, deadline: number): Promise<void> {
  const order = { holderId: 'jjy', currencyId: '1', amount: 5 };
  const event = { eventType, version: 1, orderId, timestamp: deadline - 10_000, deadline, ...order };
  const { tag } = partitionOfOrder(orderId, partitions);
  await redis.xadd(logKey(tag), '*', ...Object.entries(event).flat());
}

beforeAll(async () => {
  // Five of them share each moment.
  for (const orderId of PENDING) await publish('OrderCreated', orderId, FAR + Math.floor(orderId / 5));
  await publish('OrderCreated', 26, FAR);
  await publish('OrderPlaced', 26, FAR);
  await publish('OrderPlaced', 27, FAR);
  await publish('OrderCreated', 28, Date.now() - 1_000);
  await until('all to be heard of', async () => {
    const found = await Promise.all([...PENDING, 26, 27, 28].map((orderId) => get(`/deadlines/${orderId}`)));
    const settled = found.slice(-3).map(({ body }) => (body as { status: string }).status);
    return found.every(({ status }) => status === 200) && settled.join() === 'CANCELLED,CANCELLED,REACHED';
  });
});

test('pending ones of all partitions, newest first, none twice, settled ones not', async () => {
  const { items, pages } = await everyPage(service, '/deadlines', 4);
  const newestFirst = [...PENDING].sort((a, b) => Math.floor(b / 5) - Math.floor(a / 5) || b - a);
  expect(items.map(({ orderId }) => orderId)).toEqual(newestFirst);
  expect(pages).toBe(7);
  expect(items[0]).toEqual({
    orderId: 25,
    startedTime: new Date(FAR + 5 - 10_000).toISOString(),
    deadline: new Date(FAR + 5).toISOString(),
  });
});

test('one that is pending, cancelled, cancelled before it was heard of, reached', async () => {
  const deadline = new Date(FAR).toISOString();
  expect((await get('/deadlines/1')).body).toMatchObject({ orderId: 1, status: 'SCHEDULED', deadline });
  expect((await get('/deadlines/26')).body).toMatchObject({ status: 'CANCELLED', startedTime: expect.any(String) });
  expect((await get('/deadlines/27')).body).toEqual({ orderId: 27, status: 'CANCELLED', deadline });
  const { body } = await get('/deadlines/28');
  const { reachedAt, deadline: due, lateMs } = body as { reachedAt: string; deadline: string; lateMs: number };
  expect(lateMs).toBeGreaterThanOrEqual(1_000);
  expect(Date.parse(reachedAt) - Date.parse(due)).toBe(lateMs);
});

test('what is asked badly', async () => {
  expect(await get('/deadlines?limit=0&cursor=x')).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'limit' }, { field: 'cursor' }] },
  });
  expect(await get('/deadlines/0')).toMatchObject({ status: 400, body: { errors: [{ field: 'orderId' }] } });
  expect((await get('/deadlines/99')).status).toBe(404);
  expect((await service.ask('POST', '/deadlines', { body: {} })).status).toBe(405);
});
