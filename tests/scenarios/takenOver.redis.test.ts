import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { HEARTBEAT_MS, LEASE_MS } from 'common/actor/limits';
import { leaseKey, logKey } from 'common/events/keys';
import { readOrderHistory } from 'common/log/readLog';
import { createDeadlineService } from 'deadline/service';
import { Redis } from 'ioredis';
import { createOrderService } from 'order/service';
import { afterAll, expect, test } from 'vitest';
import { startInProcess } from '../kit/inProcess.ts';
import { startTestRedis } from '../kit/redis.ts';
import { until } from '../kit/until.ts';

// Goal: what a process works on is taken over within 2 s of its death, be it killed or frozen, and one that wakes up late
// does no harm. Method: three processes of the exchange service, and an order whose pricing sleeps for ten seconds in one
// of them; that one is frozen, the next one killed, and the first wakes up again.
const TAG = '0';
const GROUP = 'exchange';
/** What a machine on which other tests run may add. */
const BUSY_MS = 2_000;
const DEADLINE_MS = 3_000;
const main = join(import.meta.dirname, '../../packages/exchange/src/main.ts');

const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const env = { REDIS_URL: server.url, DEADLINE_MS: String(DEADLINE_MS) };
const order = await startInProcess('order', createOrderService, env);
const deadline = await startInProcess('deadline', createDeadlineService, env);
// The channel tells them when this process is gone, however that happened.
const exchanges = Array.from({ length: 3 }, () =>
  spawn(process.execPath, [main], {
    env: { ...process.env, ...env, PORT: '0', LOG_LEVEL: 'error' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  }),
);
afterAll(async () => {
  for (const each of exchanges) each.kill('SIGKILL');
  await Promise.all([order.stop(), deadline.stop()]);
  redis.disconnect();
  await server.stop();
});

type Owner = { name: string; process: ChildProcess };

/** The consumer that has the only pending entry, and the process that it is. */
async function owner(): Promise<Owner | undefined> {
  const [pending] = (await redis.xpending(logKey(TAG), GROUP, '-', '+', 10)) as [string, string][];
  const owned = exchanges.find(({ pid }) => pending?.[1].startsWith(`${GROUP}-${pid}-`));
  return pending && owned && { name: pending[1], process: owned };
}

async function takenOverFrom({ name }: Owner): Promise<Owner> {
  const lastSign = Number(await redis.zscore(leaseKey(TAG, GROUP), name));
  const next = await until('another to have the entry', async () => {
    const found = await owner();
    return found && found.name !== name && found;
  });
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  // The lease runs out, then a heartbeat finds it: 2 s from the last sign of life, which came before the death.
  expect(seconds * 1_000 + micros / 1_000 - lastSign).toBeLessThan(LEASE_MS + HEARTBEAT_MS + BUSY_MS);
  return next;
}

test('of a process that is frozen, and of one that is killed', { timeout: 60_000 }, async () => {
  await until('three consumers to live', async () => (await redis.zcard(leaseKey(TAG, GROUP))) === 3, {
    timeoutMs: 30_000,
  });
  const { body } = await order.ask('POST', '/orders', { body: { holderId: 'jjy', currencyId: '100', amount: 1 } });
  const { id } = body as { id: number };
  const first = await until('its pricing to sleep', owner);
  first.process.kill('SIGSTOP');
  const second = await takenOverFrom(first);
  second.process.kill('SIGKILL');
  await takenOverFrom(second);
  first.process.kill('SIGCONT');

  const settled = await order.ask('GET', `/orders/${id}`, { headers: { prefer: 'wait=20' } });
  expect(settled.body).toMatchObject({ status: 'REJECTED DUE TO DEADLINE' });
  const pending = async () => Number(((await redis.xpending(logKey(TAG), GROUP)) as unknown[])[0]);
  await until('the sleepers to have come', async () => (await pending()) === 0, { timeoutMs: 30_000 });
  const { entries, ignored } = await readOrderHistory(redis, TAG, id);
  expect(entries.map(({ fields }) => fields.eventType)).toEqual(['OrderCreated', 'DeadlineReached', 'OrderRejected']);
  expect(ignored).toMatchObject([{ group: GROUP, why: 'VOIDED' }]);
});
