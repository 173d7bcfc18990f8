import { createDeadlineService } from 'deadline/service';
import { createExchangeService } from 'exchange/service';
import { Redis } from 'ioredis';
import { createOrderService } from 'order/service';
import { createPointService } from 'point/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startInProcess } from '../kit/inProcess.ts';
import { startTestRedis, type TestRedis } from '../kit/redis.ts';

// Goal: a service that dies while Redis is at maxmemory comes back: settling, refunds and sweeps go on, so it has to.
// Method: each is started twice on one Redis, the second time at a limit far below what is used.
const SERVICES = [
  ['order', createOrderService],
  ['exchange', createExchangeService],
  ['point', createPointService],
  ['deadline', createDeadlineService],
] as const;

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url, { protocol: 2 });
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

test.each(SERVICES)('%s starts again at maxmemory', async (name, factory) => {
  const start = () => startInProcess(name, factory, { REDIS_URL: server.url });
  await (await start()).stop();
  await redis.config('SET', 'maxmemory', 1_000);
  try {
    const service = await start();
    expect(await service.ask('GET', '/readyz')).toMatchObject({ status: 200 });
    await service.stop();
  } finally {
    await redis.config('SET', 'maxmemory', 0);
  }
});
