import { logKey } from 'common/events/keys';
import { partitionOfHolder, partitionsOf } from 'common/partition/partition';
import { ScriptRunner } from 'common/script/scriptRunner';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { placeOrder } from '../../../tests/kit/placeOrder.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { VirtualClock, virtualClockLua } from '../../../tests/kit/virtualClock.ts';
import { orderKey } from './keys.ts';
import { createOrderService } from './service.ts';

// Goal: lists hold every order once and in order, whatever the size of the page, the filter and the partition. Method:
// orders of three partitions that were created in the very same milliseconds, by a clock of the test's own.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const service = await startInProcess('order', createOrderService, { REDIS_URL: server.url, PARTITIONS: '3' });
const partitions = partitionsOf(3);
const runner = new ScriptRunner({ clock: virtualClockLua });
/** None of them is overdue while the test runs. */
const SOON = Date.now() + 600_000;

afterAll(async () => {
  await service.stop();
  redis.disconnect();
  await server.stop();
});

/** A holder who lives in the partition. */
function holderIn(index: number): string {
  for (let i = 0; ; i += 1) {
    if (partitionOfHolder(`holder${i}`, partitions).index === index) return `holder${i}`;
  }
}
const holders = [holderIn(0), holderIn(1), holderIn(2)];
let requests = 0;

async function place(holderId: string, at: number): Promise<{ id: number; at: number }> {
  const partition = partitionOfHolder(holderId, partitions);
  await new VirtualClock(redis, partition.tag).set(at);
  requests += 1;
  const request = { requestDigest: `f${requests}`, bodyDigest: 'b', admit: true, deadlineMs: 3_600_000, requestMs: 1 };
  const order = { holderId, currencyId: '1', amount: 1, partition, partitions: 3 };
  const created = await placeOrder(runner, redis, { ...order, ...request });
  if (created.kind !== 'CREATED') throw new Error(`not created but ${created.kind}`);
  return { id: created.order.id, at };
}

const placed: { id: number; at: number }[] = [];
for (let i = 0; i < 30; i += 1) placed.push(await place(holders[i % 3] ?? '', SOON + Math.floor(i / 10)));
const newest = placed.sort((a, b) => b.at - a.at || b.id - a.id).map(({ id }) => id);

type Shown = { id: number; holderId: string; status: string };

async function page(query: string): Promise<{ items: Shown[]; nextCursor: string | null }> {
  const { status, body } = await service.ask('GET', `/orders?${query}`);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body as { items: Shown[]; nextCursor: string | null };
}

async function walk(query: string): Promise<Shown[]> {
  const found: Shown[] = [];
  let cursor = '';
  for (let pages = 0; pages < 100; pages += 1) {
    const { items, nextCursor } = await page(`${query}${cursor}`);
    found.push(...items);
    if (nextCursor === null) return found;
    cursor = `&cursor=${nextCursor}`;
  }
  throw new Error(`${query} has no end`);
}

async function approve(orderId: number, holderId: string): Promise<void> {
  const { tag } = partitionOfHolder(holderId, partitions);
  const deadline = String(await redis.hget(orderKey(tag, orderId), 'deadline'));
  const common = { eventType: 'PointUsed', version: 1, orderId, timestamp: Date.now(), deadline };
  const own = { userId: holderId, pointUsed: 1, point: 0 };
  await redis.xadd(logKey(tag), '*', ...Object.entries({ ...common, ...own }).flat());
}

const idsOf = (orders: Shown[]) => orders.map(({ id }) => id);

test.each([1, 4, 30, 500])('pages of %i: every order once, newest first, over all partitions', async (limit) => {
  expect(newest).toHaveLength(30);
  expect(idsOf(await walk(`limit=${limit}`))).toEqual(newest);
});

test('the last page that is full has no next one', async () => {
  expect(await page('limit=30')).toMatchObject({ nextCursor: null });
  expect(await page('limit=29')).toMatchObject({ nextCursor: expect.any(String) });
});

test('filters: by holder, by status, and by both', async () => {
  const [holder = ''] = holders;
  const theirs = await walk(`limit=3&holderId=${holder}`);
  expect(theirs).toHaveLength(10);
  expect(new Set(theirs.map(({ holderId }) => holderId))).toEqual(new Set([holder]));
  expect(idsOf(theirs)).toEqual(newest.filter((id) => idsOf(theirs).includes(id)));
  const approved = idsOf(theirs).filter((_, i) => i % 2 === 0);
  for (const id of approved) await approve(id, holder);
  await until('five orders to be approved', async () => (await walk('status=APPROVED')).length === 5);
  expect(idsOf(await walk('limit=2&status=APPROVED'))).toEqual(approved);
  expect(idsOf(await walk('limit=7&status=PENDING'))).toEqual(newest.filter((id) => !approved.includes(id)));
  const both = (status: string) => walk(`limit=2&holderId=${holder}&status=${status}`);
  expect(idsOf(await both('APPROVED'))).toEqual(approved);
  expect(idsOf(await both('PENDING'))).toEqual(idsOf(theirs).filter((id) => !approved.includes(id)));
  expect(await both('REJECTED%20DUE%20TO%20DEADLINE')).toEqual([]);
  expect(await walk(`holderId=nobody`)).toEqual([]);
  // An order that settles is where it was: it was listed by when it was created.
  expect(idsOf(await walk('limit=4'))).toEqual(newest);
});

test('a record that is gone leaves a gap, not the end of the list', async () => {
  const [holder = ''] = holders;
  const before = await walk(`holderId=${holder}`);
  const [first, ...others] = idsOf(before);
  const key = orderKey(partitionOfHolder(holder, partitions).tag, first ?? 0);
  await redis.rename(key, `${key}:kept`);
  expect(idsOf(await walk(`limit=3&holderId=${holder}`))).toEqual(others);
  await redis.rename(`${key}:kept`, key);
});

test('one request looks through two thousand orders of a holder, and the cursor goes on from there', async () => {
  const holder = 'busy';
  const oldest = await place(holder, SOON - 5_000);
  await approve(oldest.id, holder);
  await until('the oldest to be approved', async () => (await page(`holderId=${holder}&status=APPROVED`)).items[0]);
  await Promise.all(Array.from({ length: 2_000 }, (_, i) => place(holder, SOON - 4_000 + (i % 1_000))));
  const first = await page(`holderId=${holder}&status=APPROVED`);
  expect(first).toEqual({ items: [], nextCursor: expect.any(String) });
  expect(idsOf(await walk(`holderId=${holder}&status=APPROVED`))).toEqual([oldest.id]);
});
