import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { newestFirst, type Position } from './newestFirst.ts';

// Goal: pages of any size leave out nothing and repeat nothing, whatever the names and whatever moves meanwhile.
// Method: sorted sets of a real Redis, written by hand.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

async function walk(keys: readonly string[], limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: Position | undefined;
  for (;;) {
    const found = await newestFirst(redis, keys, limit, after);
    ids.push(...found.map(({ id }) => id));
    after = found.at(-1);
    if (found.length < limit || !after) return ids;
  }
}

test('members of one millisecond are sorted as Redis sorts them: by bytes, not by UTF-16 units', async () => {
  await redis.zadd('names', 5, 'a', 5, '！', 5, '😀', 5, '😁', 5, '한');
  expect(await walk(['names'], 10)).toEqual(['😁', '😀', '！', '한', 'a']);
  for (const limit of [1, 2, 3, 4]) expect(await walk(['names'], limit)).toEqual(['😁', '😀', '！', '한', 'a']);
});

test('a member that is in two of the sets, for it moves meanwhile, is in the list once and costs no other its place', async () => {
  await redis.zadd('open', 1, 'a', 2, 'b', 3, 'c', 4, 'd');
  await redis.zadd('closed', 3, 'c', 4, 'd', 5, 'e');
  for (const limit of [1, 2, 3, 5, 6]) {
    expect(await walk(['open', 'closed'], limit)).toEqual(['e', 'd', 'c', 'b', 'a']);
  }
});
