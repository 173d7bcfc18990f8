import { ask } from 'launcher/redis/ask';
import { afterAll, expect, inject, test } from 'vitest';
import { startTestRedis } from './redis.ts';
import { until } from './until.ts';

// Goal: what every other test builds on holds. Method: one server with persistence, killed and started again.
const redis = await startTestRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
afterAll(() => redis.stop());

test('a server of its own, durable, quick to wake and never evicting', async () => {
  expect(await ask(redis.url, ['CONFIG', 'GET', 'appendonly'])).toEqual(['appendonly', 'yes']);
  expect(await ask(redis.url, ['CONFIG', 'GET', 'hz'])).toEqual(['hz', '100']);
  expect(await ask(redis.url, ['CONFIG', 'GET', 'maxmemory-policy'])).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await ask(redis.url, ['CONFIG', 'GET', 'save'])).toEqual(['save', '']);
});

test('kill() ends it, restart() brings it back on the same port with its data', async () => {
  await ask(redis.url, ['SET', 'kept', 'yes']);
  const { url, pid } = redis;
  await redis.kill();
  await expect(ask(url, ['PING'])).rejects.toThrow();
  await redis.restart();
  expect(redis.url).toBe(url);
  expect(await ask(url, ['GET', 'kept'])).toBe('yes');
  if (inject('redisSource').kind === 'binary') expect(redis.pid).not.toBe(pid);
});

test('restart() of one that runs is an orderly restart', async () => {
  await ask(redis.url, ['SET', 'kept', 'again']);
  await redis.restart();
  expect(await ask(redis.url, ['GET', 'kept'])).toBe('again');
});

test('stop() leaves nothing, and two servers never meet', async () => {
  const other = await startTestRedis();
  expect(other.port).not.toBe(redis.port);
  await other.stop();
  await expect(ask(other.url, ['PING'])).rejects.toThrow();
  if (other.pid !== undefined) await until(`process ${other.pid} to be gone`, () => !isAlive(other.pid ?? 0));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
