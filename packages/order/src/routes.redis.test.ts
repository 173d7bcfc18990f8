import { partitionOfHolder, partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { type AskOptions, startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { orderKey, requestKey } from './keys.ts';
import { createOrderService } from './service.ts';

// Goal: the HTTP contract of orders. Method: the service in this process, three partitions, a Redis of its own.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
redis.on('error', () => {});
const service = await startInProcess('order', createOrderService, {
  REDIS_URL: server.url,
  PARTITIONS: '3',
  DEADLINE_MS: '3600000',
});
const partitions = partitionsOf(3);

afterAll(async () => {
  await service.stop();
  redis.disconnect();
  await server.stop();
});

type Shown = { id: number; createdAt: string };

const post = (body: unknown, headers: AskOptions['headers'] = {}) => service.ask('POST', '/orders', { body, headers });
const order = { holderId: 'jjy', currencyId: '1', amount: 500 };

test('an order: 201, where it is, and what it is', async () => {
  const { status, headers, body } = await post(order);
  const { id, createdAt } = body as Shown;
  const deadline = new Date(Date.parse(createdAt) + 3_600_000).toISOString();
  expect({ status, body }).toEqual({ status: 201, body: { id, ...order, status: 'PENDING', createdAt, deadline } });
  expect(headers.get('Location')).toBe(`/orders/${id}`);
  expect((id - 1) % 3).toBe(partitionOfHolder('jjy', partitions).index);
  expect((await service.ask('GET', `/orders/${id}`)).body).toEqual(body);
});

test('numbers may be strings of digits, as HTTPie sends them', async () => {
  const { status, body } = await post({ ...order, amount: '9007199254740991' });
  expect({ status, body }).toMatchObject({ status: 201, body: { amount: Number.MAX_SAFE_INTEGER } });
});

const big = 'x'.repeat(129);
test.each([
  [{}, ['holderId', 'currencyId', 'amount']],
  [{ ...order, amount: 0 }, ['amount']],
  [{ ...order, amount: 1.5 }, ['amount']],
  [{ ...order, amount: '1e3' }, ['amount']],
  [{ ...order, amount: 9_007_199_254_740_992 }, ['amount']],
  [{ holderId: '', currencyId: big, amount: -1 }, ['holderId', 'currencyId', 'amount']],
  [{ holderId: 'a\nb', currencyId: 7, amount: null }, ['holderId', 'currencyId', 'amount']],
  [[], ['body']],
])('refused, every field named: %j', async (body, fields) => {
  const answer = await post(body);
  expect(answer).toMatchObject({ status: 400, body: { status: 400 } });
  const { errors } = answer.body as { errors: { field: string }[] };
  expect(errors.map(({ field }) => field)).toEqual(fields);
});

test('a bad Idempotency-Key is named beside the bad fields', async () => {
  const { status, body } = await post({ ...order, amount: 'x' }, { 'Idempotency-Key': 'a b' });
  expect({ status, body }).toMatchObject({ status: 400, body: { detail: expect.stringContaining('Idempotency-Key') } });
  expect(body).toMatchObject({ detail: expect.stringContaining('amount') });
});

test('an Idempotency-Key: the same order again, for this holder and this body', async () => {
  const headers = { 'Idempotency-Key': 'k1' };
  const first = await post({ ...order, amount: 7 }, headers);
  const again = await post({ ...order, amount: '7' }, headers);
  expect({ ...again, headers: null }).toEqual({ ...first, headers: null });
  expect(again.headers.get('Location')).toBe(first.headers.get('Location'));
  const { id } = first.body as Shown;
  expect(await post({ ...order, amount: 8 }, headers)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining(`order ${id}`) },
  });
  const elsewhere = await post({ ...order, holderId: 'kim', amount: 8 }, headers);
  expect(elsewhere.status).toBe(201);
  expect((elsewhere.body as Shown).id).not.toBe(id);
  await redis.del(orderKey(partitionOfHolder('jjy', partitions).tag, id));
  expect(await post({ ...order, amount: 7 }, headers)).toMatchObject({ status: 410 });
});

test('a key of the client is kept for a day, one of ours for a minute', async () => {
  const { tag } = partitionOfHolder('ttl', partitions);
  const ttls = async () => {
    const keys = await redis.keys(requestKey(tag, '*'));
    return new Map(await Promise.all(keys.map(async (key) => [key, await redis.pttl(key)] as const)));
  };
  const before = await ttls();
  await post({ ...order, holderId: 'ttl' }, { 'Idempotency-Key': 'k2' });
  await post({ ...order, holderId: 'ttl' });
  const made = [...(await ttls())].filter(([key]) => !before.has(key)).map(([, ms]) => Math.ceil(ms / 60_000));
  expect(made.sort((a, b) => a - b)).toEqual([1, 24 * 60]);
});

test.each(['/orders/99999999', '/orders/99999999/events'])('404: %s', async (path) => {
  expect(await service.ask('GET', path)).toMatchObject({ status: 404, body: { title: 'No such order' } });
});

test.each([
  ['/orders/0', 'orderId'],
  ['/orders/x/events', 'orderId'],
  ['/orders?status=SOME', 'status'],
  ['/orders?limit=501', 'limit'],
  ['/orders?cursor=x', 'cursor'],
  ['/orders?holderId=', 'holderId'],
])('400: %s', async (path, field) => {
  expect(await service.ask('GET', path)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
});

test('the document tells of every route and its answers', async () => {
  const { body } = await service.ask('GET', '/openapi.json');
  const { paths } = body as { paths: Record<string, Record<string, { responses: object }>> };
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => `${method} ${path} ${Object.keys(responses)}`),
  );
  expect(told.filter((operation) => operation.includes(' /orders')).sort()).toEqual([
    'get /orders 200,400,500,503',
    'get /orders/{orderId} 200,400,404,500,503',
    'get /orders/{orderId}/events 200,400,404,500,503',
    'post /orders 201,400,409,410,413,415,500,503',
  ]);
});
