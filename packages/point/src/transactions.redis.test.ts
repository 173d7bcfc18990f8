import { logKey } from 'common/events/keys';
import { partitionOfOrder, partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyPage } from '../../../tests/kit/everyPage.ts';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { accountKey } from './keys.ts';
import { createPointService } from './service.ts';

// Goal: what became of each order's points is listed whole, and adds up with the accounts, as section 1 asks (I5).
// Method: the whole service over three partitions, fed with events as the exchange service writes them.
const partitions = partitionsOf(3);
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const service = await startInProcess('point', createPointService, { REDIS_URL: server.url, PARTITIONS: '3' });
afterAll(async () => {
  redis.disconnect();
  await service.stop();
  await server.stop();
});

const ORDERS = Array.from({ length: 30 }, (_, i) => i + 1);
const userOf = (orderId: number) => `user ${(orderId - 1) % 3}`;
const isRefunded = (orderId: number) => orderId % 5 === 0;

type Shown = { orderId: number; userId: string; pointUsed: number; status: string; createdAt: string };
const list = async (path: string) => (await everyPage(service, path, 4)).items as Shown[];
const body = async (path: string) => (await service.ask('GET', path)).body as Record<string, unknown>;

async function publish(orderId: number, event: Readonly<Record<string, string | number>>): Promise<void> {
  const { tag } = partitionOfOrder(orderId, partitions);
  const common = { version: 1, orderId, timestamp: Date.now(), deadline: Date.now() + 60_000, userId: userOf(orderId) };
  await redis.xadd(logKey(tag), '*', ...Object.entries({ ...common, ...event }).flat());
}

/** A user's account lies in its order's partition, whatever its name: so it is for orders that the order service issues. */
beforeAll(async () => {
  for (const [index, { tag }] of partitions.entries()) {
    const account = { point: 100, deposited: 100, used: 0, usedArchived: 0, createdAt: Date.now() };
    await redis.hset(accountKey(tag, `user ${index}`), account);
  }
  const exchanged = { eventType: 'ExchangeSucceed', currencyId: '1', amount: 15, rate: 1_000_000, point: 15 };
  for (const orderId of ORDERS) await publish(orderId, exchanged);
  for (const orderId of ORDERS.filter(isRefunded)) {
    await publish(orderId, { eventType: 'ExchangeCompensated', point: 15 });
  }
  await publish(31, { eventType: 'ExchangeCompensated', point: 15 });
  const count = async () => (await list('/transactions')).length;
  await until('all transactions', async () => (await count()) === ORDERS.length + 1);
  await until('the last one', async () => (await service.ask('GET', '/transactions/31')).status === 200);
});

describe('transactions', () => {
  test('all of them, newest first, over three partitions and four statuses', async () => {
    const all = await list('/transactions');
    expect(all.map(({ orderId }) => orderId).sort((a, b) => a - b)).toEqual([...ORDERS, 31]);
    const times = all.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  test('by status, and no status twice', async () => {
    const statuses = ['USED', 'FAILED', 'REFUNDED', 'VOIDED'];
    const byStatus = await Promise.all(statuses.map((status) => list(`/transactions?status=${status}`)));
    for (const [i, found] of byStatus.entries())
      expect(new Set(found.map(({ status }) => status))).toEqual(new Set([statuses[i]]));
    expect(byStatus.flat()).toHaveLength(ORDERS.length + 1);
    expect(byStatus[3]).toMatchObject([{ orderId: 31, pointUsed: 0, userId: userOf(31) }]);
  });

  test('one, with why it failed', async () => {
    const [failed] = await list('/transactions?status=FAILED');
    expect(await body(`/transactions/${failed?.orderId}`)).toEqual({
      ...failed,
      reason: 'INSUFFICIENT_POINTS',
      pointUsed: 0,
    });
    const [used] = await list('/transactions?status=USED');
    expect(used).toMatchObject({ pointUsed: 15 });
    expect(used).not.toHaveProperty('reason');
  });

  test('point = deposited - used, and used is what the USED transactions say', async () => {
    const used = await list('/transactions?status=USED');
    for (const [index, { tag }] of partitions.entries()) {
      const account = await redis.hgetall(accountKey(tag, `user ${index}`));
      const sum = used.filter(({ userId }) => userId === `user ${index}`).reduce((all, one) => all + one.pointUsed, 0);
      expect(sum).toBeGreaterThan(0);
      expect(account).toMatchObject({ used: String(sum), point: String(100 - sum), deposited: '100' });
    }
  });

  test('what is asked badly', async () => {
    expect((await service.ask('GET', '/transactions/99')).status).toBe(404);
    const bad = await service.ask('GET', '/transactions?status=used&limit=0');
    expect(bad).toMatchObject({ status: 400, body: { errors: [{ field: 'limit' }, { field: 'status' }] } });
    expect(await service.ask('GET', '/transactions/x')).toMatchObject({ body: { errors: [{ field: 'orderId' }] } });
  });
});
