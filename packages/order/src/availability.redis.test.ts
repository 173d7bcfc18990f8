import { leaseKey, logKey } from 'common/events/keys';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { createOrderService } from './service.ts';

// Goal: orders settle whatever else is down, and are refused in time, never lost or doubled, when the system cannot keep
// up. Method: the service alone in this process, a Redis of its own that is filled, slowed and killed.
const DEADLINE_MS = 400;
const server = await startTestRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
const redis = new Redis(server.url, { protocol: 2, maxRetriesPerRequest: 0 });
redis.on('error', () => {});
const service = await startInProcess('order', createOrderService, {
  REDIS_URL: server.url,
  DEADLINE_MS: String(DEADLINE_MS),
});

afterAll(async () => {
  await service.stop();
  redis.disconnect();
  await server.stop();
});

type Shown = { id: number; status: string; deadline: string; settledAt: string };

const post = (headers = {}) =>
  service.ask('POST', '/orders', { body: { holderId: 'jjy', currencyId: '1', amount: 500 }, headers });
const admitting = () => service.metric('saga_order_admitting{partition="0",service="order"}');

test('the sweep settles what nobody settles, and counts it', async () => {
  const { body } = await post({ Prefer: 'wait=10' });
  const { status, deadline, settledAt } = body as Shown;
  expect(status).toBe('REJECTED DUE TO DEADLINE');
  const late = Date.parse(settledAt) - Date.parse(deadline);
  expect(late).toBeGreaterThanOrEqual(500);
  // A second is what is promised; this machine may be busy with other tests.
  expect(late).toBeLessThan(2_000);
  expect(await service.metric('saga_order_swept_total{service="order"}')).toBe(1);
});

/** The point service as a group that is alive and reads nothing. */
const lease = () => redis.zadd(leaseKey('0', 'point'), Date.now() + 600_000, 'somebody');

beforeAll(async () => {
  await redis.xgroup('CREATE', logKey('0'), 'point', '$', 'MKSTREAM');
});

test('a group that is alive and half a deadline behind: no new orders until it has caught up', async () => {
  expect(await admitting()).toBe(1);
  const { status, body } = await post({ 'Idempotency-Key': 'known' });
  expect(status).toBe(201);
  await lease();
  const refused = await until('orders to be refused', async () => {
    const answer = await post();
    return answer.status === 503 && answer;
  });
  expect(refused).toMatchObject({ body: { title: 'Overloaded' } });
  expect(refused.headers.get('Retry-After')).toMatch(/^[1-9]\d*$/);
  expect(await admitting()).toBe(0);
  expect(await post({ 'Idempotency-Key': 'known' })).toMatchObject({ status: 201, body: { id: (body as Shown).id } });
  await until('orders to be taken in again', async () => {
    // It catches up, again and again: the sweep publishes while this test waits.
    await redis.xgroup('SETID', logKey('0'), 'point', '$');
    return (await admitting()) === 1;
  });
});

test('a group without a live consumer is stopped, not overloaded', async () => {
  await redis.del(leaseKey('0', 'point'));
  await until('orders to be taken in', async () => (await post()).status === 201);
  await until('it to be behind by far more than half a deadline', async () => {
    const [entry] = await redis.xrevrange(logKey('0'), '+', '-', 'COUNT', 1);
    return Date.now() - Number(entry?.[0].split('-')[0]) > 2 * DEADLINE_MS;
  });
  const looks = await commandCalls('xinfo|groups');
  await until('it to be looked at again', async () => (await commandCalls('xinfo|groups')) > looks + 1);
  expect(await admitting()).toBe(1);
  expect((await post()).status).toBe(201);
});

test('a group that is behind at a single look has just come back: orders are taken in', async () => {
  // It is far behind and not alive, from the test above. Alive for less time than lies between two looks: one sees it at most.
  for (let round = 0; round < 6; round += 1) {
    const looks = await commandCalls('xinfo|groups');
    await redis
      .multi()
      .zadd(leaseKey('0', 'point'), Date.now() + 600_000, 'somebody')
      .pexpire(leaseKey('0', 'point'), 400)
      .exec();
    await until('two looks', async () => (await commandCalls('xinfo|groups')) > looks + 1);
    expect(await admitting()).toBe(1);
  }
  expect((await post()).status).toBe(201);
});

async function commandCalls(name: string): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(
    stats
      .split('\n')
      .find((line) => line.startsWith(`cmdstat_${name}:`))
      ?.match(/calls=(\d+)/)?.[1] ?? 0,
  );
}

const limitMemory = async (share: number) => {
  const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
  await redis.config('SET', 'maxmemory', Math.round(used * share));
};

test('nine tenths of maxmemory: no new orders, long before Redis refuses them', async () => {
  await limitMemory(1.05);
  await until('orders to be refused', async () => (await admitting()) === 0);
  expect(await post()).toMatchObject({ status: 503, body: { title: 'Overloaded' } });
  await limitMemory(2);
  await until('orders to be taken in again', async () => (await admitting()) === 1);
  expect((await post()).status).toBe(201);
  await redis.config('SET', 'maxmemory', 0);
});

test('at maxmemory: 503, and what was taken in settles', async () => {
  const { id } = (await post()).body as Shown;
  await redis.config('SET', 'maxmemory', 1);
  const refused = await post();
  const get = async () => (await service.ask('GET', `/orders/${id}`)).body as Shown;
  await until('the open order to be swept', async () => (await get()).status === 'REJECTED DUE TO DEADLINE');
  await redis.config('SET', 'maxmemory', 0);
  expect(refused).toMatchObject({ status: 503, body: { detail: expect.stringContaining('OOM') } });
  expect(refused.headers.get('Retry-After')).toBe('1');
  await until('orders to be taken in again', async () => (await admitting()) === 1);
});

test('a Redis that answers and refuses every write: not ready, and says why, until it takes them again', async () => {
  const readyz = () => service.ask('GET', '/readyz');
  expect((await readyz()).status).toBe(200);
  // As a primary that lost its replicas.
  await redis.config('SET', 'min-replicas-to-write', 1);
  const unready = await until('the service not to be ready', async () => {
    const answer = await readyz();
    return answer.status === 503 && answer;
  });
  await redis.config('SET', 'min-replicas-to-write', 0);
  expect(unready.body).toMatchObject({ title: 'Not ready', detail: expect.stringContaining('NOREPLICAS') });
  await until('the service to be ready', async () => (await readyz()).status === 200);
});

test('Redis away: 503 with Retry-After; back again: the next order, and those that were open settle', async () => {
  const { id } = (await post()).body as Shown;
  await server.kill();
  const refused = await post();
  expect(refused).toMatchObject({ status: 503, body: { detail: expect.stringContaining('Redis is away') } });
  expect(refused.headers.get('Retry-After')).toBe('1');
  await server.restart();
  const again = await until('orders to be taken in again', async () => {
    const answer = await post();
    return answer.status === 201 && answer;
  });
  expect((again.body as Shown).id).toBe(id + 1);
  const get = async () => (await service.ask('GET', `/orders/${id}`)).body as Shown;
  await until('the open order to be swept', async () => (await get()).status === 'REJECTED DUE TO DEADLINE');
});
