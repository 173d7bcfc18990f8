import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from './redis.ts';
import { RedisProxy } from './redisProxy.ts';
import { until } from './until.ts';

let server: TestRedis;
let proxy: RedisProxy;
let redis: Redis;

beforeAll(async () => {
  server = await startTestRedis();
});

beforeEach(async () => {
  proxy = await RedisProxy.start(server.port);
  redis = new Redis(proxy.port, '127.0.0.1', { protocol: 2, retryStrategy: () => 20, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  await redis.ping();
});

afterEach(async () => {
  redis.disconnect();
  await proxy.close();
});

afterAll(() => server.stop());

async function msOf(work: Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work;
  return performance.now() - begun;
}

test('a delay holds up both ways, and what is sent together arrives in order', async () => {
  proxy.delay(50);
  expect(await msOf(redis.ping())).toBeGreaterThanOrEqual(98);
  const counted = await Promise.all(Array.from({ length: 20 }, () => redis.incr('count')));
  expect(counted).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  proxy.delay(0);
  expect(await redis.get('count')).toBe('20');
});

test('a narrow connection takes its time for many bytes', async () => {
  await redis.set('long', 'x'.repeat(2_000));
  proxy.throttle(10_000);
  expect(await msOf(redis.get('long'))).toBeGreaterThanOrEqual(195);
});

test('cut: connections end and new ones are refused, until it is over', async () => {
  let ended = 0;
  redis.on('close', () => {
    ended += 1;
  });
  proxy.cut(true);
  await until('a second try to be refused', () => ended >= 2);
  proxy.cut(false);
  expect(await until('the connection', () => redis.ping())).toBe('PONG');
});

test('silent: nothing is answered and nothing ends; afterwards the connection ends', async () => {
  let answered = false;
  proxy.goSilent();
  const unanswered = redis.ping().then(
    () => {
      answered = true;
    },
    (error: Error) => error.message,
  );
  const other = new Redis(proxy.port, '127.0.0.1', { protocol: 2, lazyConnect: true, retryStrategy: () => null });
  other.on('error', () => {});
  void other.connect().catch(() => {});
  await until('the other one to be connected', () => other.status === 'connect');
  expect({ answered, status: redis.status }).toEqual({ answered: false, status: 'ready' });
  proxy.speakAgain(false);
  expect(await unanswered).toMatch('max retries');
  expect(await until('the connection', () => redis.ping())).toBe('PONG');
  other.disconnect();
});
