import { afterAll, expect, test } from 'vitest';
import type { OpenApi } from '../kit/apiDocument.ts';
import { startTestRedis } from '../kit/redis.ts';
import { RedisProxy } from '../kit/redisProxy.ts';
import { startSystem } from '../kit/system.ts';
import { until } from '../kit/until.ts';

// Goal: without Redis every route says so and when to come back; none hangs, none is a 500. Method: every operation of the
// joined document, so that a new one is asked too, with a Redis that is silent behind a proxy, and with none at all.
const redis = await startTestRedis({ appendonly: true });
const proxy = await RedisProxy.start(redis.port);
const system = await startSystem({ env: { REDIS_URL: `redis://127.0.0.1:${proxy.port}` } });
afterAll(async () => {
  await system.stop();
  await proxy.close();
  await redis.stop();
});
const { client } = system;

const { paths } = (await client.ask('GET', '/openapi.json')).body as OpenApi;
const probes = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs'];
const operations = Object.entries(paths)
  .filter(([path]) => !probes.includes(path))
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })));

/** What every body needs: each takes its own fields and leaves the rest. */
const body = { holderId: 'jjy', currencyId: '1', amount: 1, userId: 'jjy', point: 1, rate: 1, reason: 'none' };
const params: Record<string, string> = { orderId: '1', userId: 'jjy', currencyId: '1', id: '1-1' };

async function answerOf(method: string, path: string, accept: string) {
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? name);
  const answer = await client.ask(method, target, method === 'GET' ? undefined : body, { accept });
  const { status, headers } = answer;
  return [method, path, accept, status, headers.get('retry-after'), headers.get('content-type')];
}

async function everyRouteSaysSo(): Promise<void> {
  const asked = operations.flatMap(({ method, path }) => {
    const accepts = path.endsWith('/events') ? ['application/json', 'text/event-stream'] : ['application/json'];
    return accepts.map((accept) => [method, path, accept] as const);
  });
  const answers = await Promise.all(asked.map((request) => answerOf(...request)));
  expect(answers).toEqual(asked.map((request) => [...request, 503, '1', 'application/problem+json']));
}

const ready = () => until('Redis to be used again', async () => (await client.ask('GET', '/readyz')).status === 200);

test('a Redis that gives no answer: 503 on every route, and all goes on when it speaks again', {
  timeout: 60_000,
}, async () => {
  expect(operations.length).toBeGreaterThan(20);
  proxy.goSilent();
  await everyRouteSaysSo();
  // Nothing is waited for any more: its connections are known to be dead.
  await everyRouteSaysSo();
  expect((await client.ask('GET', '/healthz')).status).toBe(200);
  expect((await client.ask('GET', '/readyz')).status).toBe(503);
  proxy.speakAgain(true);
  await ready();
});

test('no Redis at all: 503 on every route, and all goes on when there is one again', { timeout: 60_000 }, async () => {
  await redis.kill();
  await everyRouteSaysSo();
  expect((await client.ask('GET', '/readyz')).status).toBe(503);
  await redis.restart();
  await ready();
});
