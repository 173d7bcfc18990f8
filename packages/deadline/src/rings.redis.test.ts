import { partitionsOf } from 'common/partition/partition';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startDeadlineBench } from '../../../tests/kit/deadlineBench.ts';
import { until } from '../../../tests/kit/until.ts';
import { deadlineKey } from './keys.ts';

// Goal: every ring fires deadlines without the other, once, and not before their time. Method: the service with one or
// both rings on a real Redis, with BullMQ's keys deleted, paused or made early, and Redis itself taken away. What is
// asserted of time is Redis' own: `lateMs` of the event, never below 0.
const bench = await startDeadlineBench();
const { server, redis, start, stopServices, publish, inMs, reached, statusOf } = bench;
const { bullKeys, jobKeys, deleteBullKeys, withQueue } = bench;
const { untilJobs, untilScheduled, untilReached, untilCounted } = bench;

/** Generous: what runs beside this test may take the processor for a while. */
const LATE_MS_MAX = 3_000;
const BOTH = { wakeUps: true, sweep: true };
const WAKE_UPS = { wakeUps: true, sweep: false };
const SWEEP = { wakeUps: false, sweep: true };
const tag = '0';

beforeEach(() => redis.flushall());
afterEach(stopServices);
afterAll(bench.stop);

describe('wake-ups alone', () => {
  test('fire, in two buckets; their jobs are gone afterwards, and every key carries the tag', async () => {
    const service = await start(WAKE_UPS);
    const deadline = await inMs(2_000);
    await publish('OrderCreated', 1, deadline);
    await publish('OrderCreated', 2, deadline + 200);
    await untilJobs(2);
    await untilReached(1, 2);
    for (const { lateMs } of await reached()) expect(lateMs).toBeLessThan(LATE_MS_MAX);
    await untilCounted([service], 2, ['wake-up']);
    expect(await service.metric('saga_deadline_lateness_seconds_count{service="deadline"}')).toBe(2);
    await untilJobs(0);
    const keys = await redis.keys('*');
    expect(keys.filter((key) => !key.includes('{0}'))).toEqual(['choreography.deadline.partitions']);
  });

  test('one that is over when it is heard of fires at once', async () => {
    await start(WAKE_UPS);
    await publish('OrderCreated', 1, await inMs(-5_000));
    await untilReached(1);
    expect(await jobKeys()).toEqual([]);
  });

  test('what was scheduled before the service was away: due meanwhile, and due later', async () => {
    await start(WAKE_UPS);
    await publish('OrderCreated', 1, await inMs(100));
    await publish('OrderCreated', 2, await inMs(1_500));
    await untilScheduled(2);
    await stopServices();
    await deleteBullKeys();
    await until(
      'the first to be due',
      async () => (await inMs(0)) > Number(await redis.hget(deadlineKey(tag, 1), 'deadline')),
    );
    await start(WAKE_UPS);
    await untilReached(1);
    // On a machine so busy that it is due by now, too, no job is needed for it.
    await untilReached(2);
  });

  test('a job that comes early fires nothing, and its own bucket is asked for again', async () => {
    await start(WAKE_UPS);
    await publish('OrderCreated', 1, await inMs(1_200));
    const [key = ''] = (await untilJobs(1)).keys;
    const jobId = key.slice(key.lastIndexOf(':') + 1);
    await withQueue(async (queue) => {
      await queue.remove(jobId);
      const data = { bucketEnd: Number(jobId.replace('until-', '')) };
      await queue.add('wake-up', data, { jobId, removeOnComplete: true, removeOnFail: true });
      await until('the early job to have run and the next to wait', async () => (await queue.getDelayedCount()) === 1);
    });
    expect([await statusOf(1), await reached()]).toEqual(['SCHEDULED', []]);
    await untilReached(1);
    expect(await reached()).toMatchObject([{ orderId: 1, lateMs: expect.toSatisfy((ms: number) => ms < LATE_MS_MAX) }]);
  });
});

describe('the sweep', () => {
  test('alone: fires without a single key of BullMQ', async () => {
    const service = await start(SWEEP);
    await publish('OrderCreated', 1, await inMs(100));
    await publish('OrderCreated', 2, await inMs(1_500));
    await untilReached(1, 2);
    await untilCounted([service], 2, ['sweep']);
    expect(await bullKeys()).toEqual([]);
  });

  test('covers keys of BullMQ that were deleted under a pending order', async () => {
    await start(BOTH);
    await publish('OrderCreated', 1, await inMs(700));
    await untilJobs(1);
    await deleteBullKeys();
    expect(await statusOf(1)).toBe('SCHEDULED');
    await untilReached(1);
  });

  test('asks again for a wake-up that was lost', async () => {
    const service = await start(BOTH);
    await publish('OrderCreated', 1, await inMs(2_500));
    await untilJobs(1);
    await withQueue((queue) => queue.obliterate({ force: true }));
    expect(await jobKeys()).toEqual([]);
    await untilJobs(1);
    await untilReached(1);
    await untilCounted([service], 1);
  });

  test('fires while BullMQ is paused', async () => {
    const service = await start(BOTH);
    await withQueue((queue) => queue.pause());
    await publish('OrderCreated', 1, await inMs(300));
    await untilReached(1);
    await untilCounted([service], 1, ['sweep']);
  });
});

test('a deadline of a settled order never fires', async () => {
  await start(BOTH);
  const deadline = await inMs(400);
  await publish('OrderCreated', 1, deadline);
  await publish('OrderCreated', 2, deadline);
  await publish('OrderRejected', 4, deadline);
  await untilScheduled(1);
  await publish('OrderPlaced', 1, deadline);
  await publish('OrderRejected', 2, deadline);
  await publish('OrderCreated', 4, deadline);
  await publish('OrderCreated', 3, deadline + 1);
  await untilReached(3);
  expect((await reached()).map(({ orderId }) => orderId)).toEqual([3]);
  expect(await Promise.all([1, 2, 4].map(statusOf))).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
});

test('a thousand at once, two services, three partitions: each fires once', async () => {
  const services = [await start(BOTH, 3), await start(BOTH, 3)];
  const three = partitionsOf(3);
  const deadline = await inMs(1_000);
  const ids = Array.from({ length: 1_000 }, (_, i) => i + 1);
  await Promise.all(ids.map((orderId) => publish('OrderCreated', orderId, deadline, three)));
  const fired = await until('all to be reached', async () => {
    const all = await reached(three);
    return all.length >= 1_000 && all;
  });
  expect(fired.map(({ orderId }) => orderId).sort((a, b) => a - b)).toEqual(ids);
  await untilCounted(services, 1_000);
});

describe('Redis goes away', () => {
  test('and comes back: what is pending fires, by wake-ups too', async () => {
    const service = await start(WAKE_UPS);
    await publish('OrderCreated', 1, await inMs(3_000));
    await untilScheduled(1);
    await redis.config('SET', 'appendfsync', 'always');
    await server.restart();
    await until('the service to be back', async () => (await service.ask('GET', '/readyz')).status === 200);
    await untilReached(1);
    await publish('OrderCreated', 2, await inMs(300));
    await untilReached(2);
  });

  test('and the service stops all the same', async () => {
    await start(BOTH);
    await publish('OrderCreated', 1, await inMs(60_000));
    await untilScheduled(1);
    await server.kill();
    const startedAt = performance.now();
    await stopServices();
    expect(performance.now() - startedAt).toBeLessThan(3_500);
    await server.restart();
    await until('this test to be connected again', async () => redis.ping());
  });
});
