import { indexKey } from 'common/events/keys';
import { afterAll, expect, test } from 'vitest';
import { startEventBench } from '../../../../tests/kit/eventBench.ts';
import { deadlineActor } from '../actor.ts';
import { closedKey, deadlineKey } from '../keys.ts';
import { reachDeadlines } from './reachDue.ts';
import { sweepDeadlines } from './sweepDeadlines.ts';

// Goal: records of deadlines that are over go when their time has come and their order is gone; open ones stay.
const RETENTION_MS = 60_000;
const NOW = 1_700_000_000_000;
const bench = await startEventBench(deadlineActor);
const { redis, tag, runner } = bench;
afterAll(() => bench.stop());

test('reached and cancelled ones, not before their time, not while their order is kept', async () => {
  await bench.reset(NOW);
  for (const orderId of [1, 2, 3, 4, 5]) {
    // The third is open for longer than the others are kept.
    const deadline = NOW + (orderId === 3 ? 10 * RETENTION_MS : 10_000);
    const event = { orderId, timestamp: NOW, deadline, holderId: 'jjy', currencyId: '1', amount: 5 };
    await bench.deliver({ eventType: 'OrderCreated', ...event }, 'drain');
    if (orderId === 2) await bench.deliver({ eventType: 'OrderPlaced', ...event }, 'drain');
    if (orderId !== 4) await redis.del(indexKey(tag, orderId));
  }
  await bench.clock.set(NOW + 10_000);
  await reachDeadlines(runner, redis, tag);
  await redis.del(deadlineKey(tag, 5));
  await redis.set(deadlineKey(tag, 5), 'of the wrong type');

  const sweep = async () => {
    const args = { tag, retentionMs: RETENTION_MS, offset: 0, countMax: 200 };
    return (await runner.run(redis, sweepDeadlines, { index: closedKey(tag) }, args)).rest.slice(0, 2);
  };
  const kept = () => Promise.all([1, 2, 3, 4, 5].map((orderId) => redis.exists(deadlineKey(tag, orderId))));
  await bench.clock.set(NOW + 10_000 + RETENTION_MS - 1);
  expect([await sweep(), await kept()]).toEqual([
    [1, 0],
    [1, 1, 1, 1, 1],
  ]);
  await bench.clock.set(NOW + 10_000 + RETENTION_MS);
  expect([await sweep(), await kept()]).toEqual([
    [4, 2],
    [0, 0, 1, 1, 1],
  ]);
  expect(await redis.zrange(closedKey(tag), '0', '-1')).toEqual(['0000000000000004', '0000000000000005']);
});
