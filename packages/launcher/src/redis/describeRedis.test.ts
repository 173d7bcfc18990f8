import { expect, test } from 'vitest';
import { describeRedis } from './describeRedis.ts';
import type { RedisSource } from './way.ts';

const running = { port: 1, stop: async () => {}, kill: async () => {}, exited: new Promise<never>(() => {}) };

test.each<[RedisSource, string, string]>([
  [{ kind: 'url', url: '' }, 'redis://me:secret@db:6379', 'Redis redis://me:***@db:6379 (REDIS_URL)'],
  [{ kind: 'docker', image: 'redis:8.0' }, 'redis://127.0.0.1:1', 'Redis redis://127.0.0.1:1 (Docker, redis:8.0)'],
  [
    { kind: 'binary', server: '/usr/bin/redis-server', version: '7.0.15' },
    'redis://127.0.0.1:1',
    'Redis redis://127.0.0.1:1 (/usr/bin/redis-server 7.0.15, process 7)',
  ],
])('%j', (source, url, line) => {
  expect(describeRedis(source, { ...running, url, pid: 7 })).toBe(line);
});
