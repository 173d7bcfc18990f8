import { WAKE_UP_QUEUE, wakeUpPrefix } from 'deadline/keys';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import type { Order } from '../kit/sagaClient.ts';
import { startSystem } from '../kit/system.ts';
import { until } from '../kit/until.ts';

// Goal: an order settles by its deadline + 1 s while the order service runs, whatever carries the news. Method: orders
// that nothing but their deadline can settle (currency 100 sleeps for longer), with one ring after the other switched off.
const deadlineMs = 2_500;
const system = await startSystem({ env: { DEADLINE_MS: String(deadlineMs) } });
const redis = new Redis(system.redis.url);
afterAll(async () => {
  redis.disconnect();
  await system.stop();
});
const { client } = system;
await client.openAccount('jjy', 1_000);

/** One second by contract, and a little for a machine on which other tests run. */
const lateMsMax = 2_000;
const place = () => client.placeOrder({ holderId: 'jjy', currencyId: '100', amount: 1 });
/** Orders whose deadlines lie a tenth of a second apart. */
async function placeSpread(count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) {
    const { id, createdAt } = await place();
    ids.push(id);
    await until('a tenth of a second', () => Date.now() > Date.parse(createdAt) + 100);
  }
  return ids;
}

const lateMs = ({ settledAt, deadline }: Order) => Date.parse(settledAt ?? '') - Date.parse(deadline);

const jobKeys = () => redis.keys(`${wakeUpPrefix('0')}:${WAKE_UP_QUEUE}:until-*`);
async function deleteQueue(): Promise<void> {
  const keys = await redis.keys(`${wakeUpPrefix('0')}:${WAKE_UP_QUEUE}:*`);
  if (keys.length > 0) await redis.del(keys);
}

async function fired(ring: string): Promise<number> {
  const metrics = await (await fetch(`${system.urlOf('deadline')}/metrics`)).text();
  return Number(
    new RegExp(`^saga_deadline_fired_total{[^}]*ring="${ring}"[^}]*} (\\d+)$`, 'm').exec(metrics)?.[1] ?? 0,
  );
}

async function expectRejected(id: number): Promise<Order> {
  const order = await client.settled(id);
  expect(order.status).toBe('REJECTED DUE TO DEADLINE');
  expect(lateMs(order)).toBeGreaterThanOrEqual(0);
  expect(lateMs(order)).toBeLessThan(lateMsMax);
  return order;
}

test('all rings: wake-ups fire them', async () => {
  const before = await fired('wake-up');
  const ids = await placeSpread(3);
  for (const id of ids) {
    expect(lateMs(await expectRejected(id))).toBeLessThan(500);
    expect(await client.eventTypes(id)).toEqual(['OrderCreated', 'DeadlineReached', 'OrderRejected']);
  }
  // The sweep comes once a second: of three within a third of one it can have met one at most.
  expect(await fired('wake-up')).toBeGreaterThanOrEqual(before + 2);
});

test("BullMQ's keys are deleted under a pending order: the sweep asks for the wake-up again", async () => {
  const { id } = await place();
  await until('a job for its wake-up', async () => (await jobKeys()).length > 0);
  await deleteQueue();
  await until('a new job', async () => (await jobKeys()).length > 0, { timeoutMs: deadlineMs });
  await expectRejected(id);
  expect(await client.eventTypes(id)).toEqual(['OrderCreated', 'DeadlineReached', 'OrderRejected']);
});

test("BullMQ's keys are deleted again and again: the sweep fires", async () => {
  const before = await fired('sweep');
  // Over more than a second, so that a sweep comes before the order service's own does for some of them.
  const ids = await placeSpread(12);
  const settled = async () => (await client.order(ids.at(-1) ?? 0)).status !== 'PENDING';
  await until(
    'the last one to settle',
    async () => {
      await deleteQueue();
      return settled();
    },
    { timeoutMs: deadlineMs + 5_000, pauseMs: 5 },
  );
  for (const id of ids) await expectRejected(id);
  expect(await fired('sweep')).toBeGreaterThan(before);
});

test('the deadline service is stopped: the order service settles it by its own sweep', async () => {
  await system.say('stop deadline', 'deadline: stopped');
  const { id } = await place();
  const order = await expectRejected(id);
  expect(lateMs(order)).toBeGreaterThanOrEqual(500);
  await system.say('start deadline', 'deadline: up');
  await until('the deadline to be closed', async () => (await client.statusOf('deadlines', id)) === 'CANCELLED');
  expect(await client.eventTypes(id)).toEqual(['OrderCreated', 'OrderRejected']);
});

test('the deadline service is killed under a pending order', async () => {
  const { id } = await place();
  await system.say('kill deadline', 'deadline: ended with SIGKILL');
  await expectRejected(id);
});
