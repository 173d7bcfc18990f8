import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestRedis, type TestRedis } from '../../../../tests/kit/redis.ts';
import { RedisProxy } from '../../../../tests/kit/redisProxy.ts';
import { until } from '../../../../tests/kit/until.ts';
import { Connections } from './connections.ts';

// Goal: a connection whose other end is gone without a word is dropped and made again, however long it would stay open.
// Method: a proxy goes silent in the middle of a connection, answers new ones, and never closes the old one.
let server: TestRedis;
let proxy: RedisProxy;
let connections: Connections;

beforeAll(async () => {
  server = await startTestRedis();
  proxy = await RedisProxy.start(server.port);
  connections = new Connections(`redis://127.0.0.1:${proxy.port}`, 'silence', pino({ level: 'silent' }));
  await connections.connect();
});

afterAll(async () => {
  await connections.closeAll();
  await proxy.close();
  await server.stop();
});

test('the shared connection: a command fails after five seconds, the next one is answered', async () => {
  const redis = connections.commands;
  await redis.set('known', 'yes');
  proxy.goSilent();
  const unanswered = redis.get('known').catch((error: Error) => error.message);
  proxy.speakAgain(true);
  expect(await unanswered).toMatch('timed out');
  expect(await until('an answer', () => redis.get('known'), { timeoutMs: 10_000 })).toBe('yes');
});

test('a dedicated connection: a command that does not block is not waited for for ever either', async () => {
  const redis = connections.dedicated('reader', 300);
  await until('the connection', () => redis.status === 'ready');
  proxy.goSilent();
  const unanswered = redis.get('known').catch((error: Error) => error.message);
  proxy.speakAgain(true);
  expect(await unanswered).toMatch('max retries');
  expect(await until('an answer', () => redis.get('known'))).toBe('yes');
});
