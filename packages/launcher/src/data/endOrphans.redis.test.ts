import { expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { ask } from '../redis/ask.ts';
import { endOrphans } from './endOrphans.ts';

const run = { launcher: 1, stopping: false, portOffset: 0, services: [] };

test('a Redis that answers there under another process id is left alone', async () => {
  const redis = await startTestRedis();
  const said: string[] = [];
  try {
    await endOrphans({ ...run, redis: { url: redis.url, pid: process.pid } }, (message) => said.push(message));
    await endOrphans({ ...run, redis: { url: redis.url, container: 'none' } }, (message) => said.push(message));
    expect(await ask(redis.url, ['PING'])).toBe('PONG');
    expect(said).toEqual([]);
  } finally {
    await redis.stop();
  }
});
