import { indexKey } from 'common/events/keys';
import { partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { startInProcess } from '../../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { closedKey, deadlineKey } from '../keys.ts';
import { createDeadlineService } from '../service.ts';

// Goal: the service forgets closed deadlines by itself, in every partition. Method: records as the scripts write them,
// older than a retention of a second.
const partitions = partitionsOf(2);
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const tagOf = (orderId: number) => partitions[(orderId - 1) % 2]?.tag ?? '';
const isThere = (orderId: number) => redis.exists(deadlineKey(tagOf(orderId), orderId));

test('closed deadlines go once their time is over and their order is gone', async () => {
  const at = Date.now() - 3_000;
  for (const [i, status] of ['CANCELLED', 'REACHED', 'CANCELLED', 'REACHED'].entries()) {
    const tag = tagOf(i + 1);
    await redis.hset(deadlineKey(tag, i + 1), { status, startedTime: at - 10, deadline: at });
    await redis.zadd(closedKey(tag), at, `${i + 1}`.padStart(16, '0'));
  }
  await redis.rpush(indexKey(tagOf(1), 1), '1-1');
  const env = { REDIS_URL: server.url, PARTITIONS: '2', RETENTION_MS: '1000' };
  const service = await startInProcess('deadline', createDeadlineService, env);
  try {
    const rest = async () => (await Promise.all([2, 3, 4].map(isThere))).every((there) => there === 0);
    await until('all but the first to be gone', rest);
    expect(await isThere(1)).toBe(1);
    const removed = 'saga_retention_removed_total{what="deadlines",service="deadline"}';
    await until('that to be counted', async () => (await service.metric(removed)) === 3);
    await redis.del(indexKey(tagOf(1), 1));
    await until('the first to be gone, too', async () => (await isThere(1)) === 0);
  } finally {
    await service.stop();
  }
});
