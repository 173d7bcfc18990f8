import { Queue } from 'bullmq';
import { partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import type { Drained, DueDrain } from './dueDrain.ts';
import { WAKE_UP_QUEUE, wakeUpPrefix } from './keys.ts';
import { PartitionWakeUps } from './partitionWakeUps.ts';
import { rareWarning } from './rareWarning.ts';

// Goal: which wake-ups are asked for, what a bad one does, and that nothing BullMQ throws ends it. Method: BullMQ on a
// real Redis; instead of the drain a stand-in that answers what is next and notes that it was called.
const [partition = { index: 0, tag: '' }] = partitionsOf(1);
const { tag } = partition;
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const FAR_MS = 60_000;
const delayedKey = `${wakeUpPrefix(tag)}:${WAKE_UP_QUEUE}:delayed`;

const jobs = async () => {
  const prefix = `${wakeUpPrefix(tag)}:${WAKE_UP_QUEUE}:until-`;
  return (await redis.keys(`${prefix}*`)).map((key) => Number(key.slice(prefix.length))).sort((a, b) => a - b);
};
const untilJobs = (...bucketEnds: number[]) =>
  until(`the jobs ${bucketEnds}`, async () => String(await jobs()) === String(bucketEnds) && 'there');

/** The wake-ups of the partition; `answers` are the drain's, one after the other, then nothing is next. */
function started(...answers: (Drained | Error)[]) {
  const errors: unknown[] = [];
  const drains: string[] = [];
  const drain: DueDrain = async ({ index }, ring) => {
    drains.push(`${ring} in ${index}`);
    const answer = answers.shift() ?? { now: Number.MAX_SAFE_INTEGER, next: undefined };
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const lines: string[] = [];
  const warn = rareWarning(pino({ base: null }, { write: (line) => lines.push(line) }), 'wake-ups fail');
  const onError = (error: unknown) => {
    errors.push(error);
    warn(error);
  };
  const wakeUps = new PartitionWakeUps(server.url, partition, drain, onError);
  onTestFinished(() => wakeUps.close(false));
  return { wakeUps, errors, drains, lines };
}

/** Everything that BullMQ knows of the queue, lost. */
async function loseJobs(): Promise<void> {
  const queue = new Queue(WAKE_UP_QUEUE, { connection: { url: server.url, protocol: 2 }, prefix: wakeUpPrefix(tag) });
  await queue.obliterate({ force: true });
  await queue.close();
  expect(await jobs()).toEqual([]);
}

describe('asking', () => {
  test('one job a bucket; a bucket that is over is looked at now instead', async () => {
    const { wakeUps, drains, errors } = started();
    wakeUps.ask([
      { bucketEnd: 1_000, inMs: FAR_MS },
      { bucketEnd: 1_020, inMs: FAR_MS },
      { bucketEnd: 980, inMs: 0 },
      { bucketEnd: 960, inMs: -20 },
    ]);
    await untilJobs(1_000, 1_020);
    await until('one look', () => drains.length === 1);
    expect([drains, errors]).toEqual([['wake-up in 0'], []]);
  });

  test('again is nothing, for it is asked for already; insisting is not', async () => {
    const { wakeUps } = started();
    const [lost, witness] = [
      { bucketEnd: 1_000, inMs: FAR_MS },
      { bucketEnd: 2_000, inMs: FAR_MS },
    ];
    wakeUps.ask([lost]);
    await untilJobs(1_000);
    await loseJobs();
    // Jobs are added in turn: when the second one is there the first would be.
    wakeUps.ask([lost, witness]);
    await untilJobs(2_000);
    wakeUps.insist(lost);
    await untilJobs(1_000, 2_000);
  });

  test('what is remembered is bounded: the oldest of 4097 is asked for again, the second is not', async () => {
    const { wakeUps } = started();
    const all = Array.from({ length: 4_097 }, (_, i) => ({ bucketEnd: 20 * (i + 1), inMs: FAR_MS }));
    wakeUps.ask(all);
    await until('all jobs', async () => (await redis.zcard(delayedKey)) === all.length, { timeoutMs: 20_000 });
    await loseJobs();
    wakeUps.ask(all.slice(1, 3));
    wakeUps.ask(all.slice(0, 1));
    await untilJobs(20);
  });
});

describe('a wake-up', () => {
  test('drains, and asks for the next one once its own job is gone', async () => {
    const { wakeUps, drains } = started({ now: 1_000, next: { bucketEnd: 1_000, inMs: FAR_MS } });
    // The next one is for the very same bucket: its id is free only when the job is gone.
    wakeUps.ask([{ bucketEnd: 1_000, inMs: 1 }]);
    await until('the drain', () => drains.length === 1);
    await until('the next one to wait', async () => (await redis.zcard(delayedKey)) === 1);
    expect([await jobs(), drains]).toEqual([[1_000], ['wake-up in 0']]);
  });

  test('that came early looks again once its job is gone, and asks for what is next then', async () => {
    const early = { now: 999, next: { bucketEnd: 1_000, inMs: 1 } };
    const { wakeUps, drains } = started(early, { now: 999, next: { bucketEnd: 1_020, inMs: FAR_MS } });
    wakeUps.ask([{ bucketEnd: 1_000, inMs: 1 }]);
    await untilJobs(1_020);
    expect(drains).toHaveLength(2);
  });

  test('whose drain fails is told, and the next one drains', async () => {
    const { wakeUps, drains, errors } = started(new Error('Redis is away'));
    wakeUps.ask([{ bucketEnd: 1_000, inMs: 1 }]);
    await until('the failure', () => errors.length === 1);
    expect(errors).toMatchObject([{ message: 'Redis is away' }]);
    await untilJobs();
    wakeUps.ask([{ bucketEnd: 1_000, inMs: 1 }]);
    await until('another drain', () => drains.length === 2);
  });
});

test('a look that fails is told and asks for nothing; the next one does', async () => {
  const next = { bucketEnd: 1_000, inMs: FAR_MS };
  const { wakeUps, errors } = started(new Error('Redis is away'), { now: 0, next });
  await wakeUps.look();
  expect([errors, await jobs()]).toMatchObject([[{ message: 'Redis is away' }], []]);
  await wakeUps.look();
  await untilJobs(1_000);
});

test('BullMQ that refuses is told each time but warned of once, and a refused wake-up can be asked for again', async () => {
  const { wakeUps, errors, lines } = started();
  await redis.set(delayedKey, 'in the way');
  const ends = Array.from({ length: 20 }, (_, i) => 20 * (i + 1));
  const wanted = ends.map((bucketEnd) => ({ bucketEnd, inMs: FAR_MS }));
  wakeUps.ask(wanted);
  await until('every one to be refused', () => errors.length >= wanted.length);
  expect(String(errors[0])).toContain('WRONGTYPE');
  expect(lines).toHaveLength(1);
  await redis.flushall();
  wakeUps.ask(wanted);
  await untilJobs(...ends);
});
