import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { BACKOFF_MS_MAX, LEASE_MS, NOW, startPendingBench } from '../../../../../tests/kit/pendingBench.ts';
import { heartbeat, takeDue } from './pendingScripts.ts';

// Goal: what a dead consumer has left, and what waits for its time, is taken by one who lives: all of it, once, however the
// clock jumps. Method: each script alone, on a real Redis with a virtual clock.
const bench = await startPendingBench();
const { group, keys, clock, redis, runner, ids, id, run, pending, deadLetters } = bench;
beforeEach(bench.fill);
afterAll(bench.stop);

const consumers = async () => ((await redis.xinfo('CONSUMERS', keys.log, group)) as string[][]).map(([, name]) => name);
const leases = async () => redis.zrange(keys.lease, '0', '-1', 'WITHSCORES');

describe('takeDue', () => {
  test('takes what is due by now, whoever had it, and tells when the next one is', async () => {
    for (const [i, ms] of [-5, 0, 1].entries()) await redis.zadd(keys.retry, NOW + ms, id(i));
    expect(await run.takeDue()).toEqual({ word: 'TAKEN', rest: [ids.slice(0, 2), '1'] });
    expect((await pending()).map(([, consumer]) => consumer)).toEqual(['me', 'me', 'old', 'old', 'old']);
    expect(await redis.zrange(keys.retry, '0', '-1')).toEqual([id(2)]);
    await clock.set(NOW + 1);
    expect(await run.takeDue()).toEqual({ word: 'TAKEN', rest: [[id(2)], ''] });
  });

  test('no more than it was asked for', async () => {
    for (const entry of ids) await redis.zadd(keys.retry, NOW - 1, entry);
    expect((await run.takeDue(2)).rest).toEqual([ids.slice(0, 2), '0']);
  });

  test('what waits for a time before the clock went back is taken too: no backoff is that long', async () => {
    for (const [i, ms] of [0, BACKOFF_MS_MAX, BACKOFF_MS_MAX + 1, 86_400_000].entries()) {
      await redis.zadd(keys.retry, NOW + ms, id(i));
    }
    expect(await run.takeDue(2)).toEqual({ word: 'TAKEN', rest: [[id(0), id(2)], String(BACKOFF_MS_MAX)] });
    expect(await run.takeDue()).toEqual({ word: 'TAKEN', rest: [[id(3)], String(BACKOFF_MS_MAX)] });
    expect(await redis.zrange(keys.retry, '0', '-1')).toEqual([id(1)]);
  });

  test('one that is done is forgotten, one that was trimmed is a dead letter', async () => {
    for (const entry of ids.slice(0, 2)) await redis.zadd(keys.retry, NOW - 1, entry);
    await redis.xack(keys.log, group, id(0));
    await redis.xdel(keys.log, id(1));
    expect((await run.takeDue()).rest).toEqual([[], '']);
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id(1) }]);
    expect(await redis.exists(keys.retry)).toBe(0);
  });
});

describe('heartbeat', () => {
  test('a consumer without a lease, or with one of the future, gets a fresh one', async () => {
    await redis.zadd(keys.lease, NOW + LEASE_MS + 1, 'old');
    expect((await run.heartbeat()).rest).toEqual([[], '', [], '0']);
    expect(await leases()).toEqual(['me', String(NOW), 'old', String(NOW)]);
    await redis.del(keys.lease);
    expect((await run.heartbeat()).rest).toEqual([[], '', [], '0']);
    expect(await leases()).toEqual(['me', String(NOW), 'old', String(NOW)]);
  });

  test('a lease that has just not run out is respected; 1 ms later all its entries are claimed', async () => {
    await redis.zadd(keys.lease, NOW - LEASE_MS, 'old');
    expect((await run.heartbeat()).rest[0]).toEqual([]);
    await clock.set(NOW + 1);
    expect((await run.heartbeat()).rest).toEqual([ids, '', ['old'], '0']);
    expect((await pending()).map(([, consumer]) => consumer)).toEqual(ids.map(() => 'me'));
    expect(await consumers()).toEqual(['me']);
    expect(await leases()).toEqual(['me', String(NOW + 1)]);
  });

  test('a consumer is deleted only with nothing pending, and until then it is said that there may be more', async () => {
    await redis.zadd(keys.lease, NOW - LEASE_MS - 1, 'old');
    expect((await run.heartbeat('me', 5)).rest).toEqual([ids, '', [], '1']);
    expect(await consumers()).toContain('old');
    expect(await pending()).toHaveLength(5);
    expect((await run.heartbeat('me', 5)).rest).toEqual([[], '', ['old'], '0']);
    expect(await pending()).toHaveLength(5);
  });

  test('of one that is long dead, page after page is claimed at once', async () => {
    await redis.zadd(keys.lease, NOW - 20 * LEASE_MS, 'old');
    const claimed: unknown[] = [];
    for (const more of ['1', '1', '0']) {
      const { rest } = await run.heartbeat('me', 2);
      claimed.push(...(rest[0] as string[]));
      expect(rest[3]).toBe(more);
    }
    expect(claimed).toEqual(ids);
    expect(await leases()).toEqual(['me', String(NOW)]);
  });

  test('nobody claims from itself, and old leases of nobody go', async () => {
    await redis.zadd(keys.lease, NOW - 10 * LEASE_MS - 1, 'never seen');
    await redis.zadd(keys.lease, NOW - 2 * LEASE_MS, 'old');
    expect((await run.heartbeat('old')).rest).toEqual([[], '', [], '0']);
    expect(await leases()).toEqual(['old', String(NOW)]);
  });

  test('what was trimmed while it was pending is a dead letter; what waits for its retry goes on waiting', async () => {
    await redis.zadd(keys.lease, NOW - LEASE_MS - 1, 'old');
    await redis.xdel(keys.log, id(1));
    await redis.zadd(keys.retry, NOW + 70, id(0));
    expect((await run.heartbeat()).rest).toEqual([
      ids.filter((each) => each !== id(0) && each !== id(1)),
      '70',
      ['old'],
      '0',
    ]);
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id(1) }]);
  });

  test('a retry of a time before the clock went back is due', async () => {
    await redis.zadd(keys.retry, NOW + BACKOFF_MS_MAX, id(0));
    expect((await run.heartbeat()).rest[1]).toBe(String(BACKOFF_MS_MAX));
    await redis.zadd(keys.retry, NOW + BACKOFF_MS_MAX + 1, id(0));
    expect((await run.heartbeat()).rest[1]).toBe('0');
  });
});

test('every reply of these scripts was reached', () => {
  expect(runner.unseen([takeDue, heartbeat])).toEqual([]);
});
