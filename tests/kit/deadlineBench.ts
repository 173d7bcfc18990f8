import { Queue } from 'bullmq';
import { logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { type Partition, partitionOfOrder, partitionsOf } from 'common/partition/partition';
import { deadlineKey, WAKE_UP_QUEUE, wakeUpPrefix } from 'deadline/keys';
import { deadlineService, type Rings } from 'deadline/service';
import { Redis } from 'ioredis';
import { type InProcess, startInProcess } from './inProcess.ts';
import { startTestRedis } from './redis.ts';
import { until } from './until.ts';

const ONE = partitionsOf(1);
const TAG = '0';
const RINGS = ['wake-up', 'sweep'];

/** A Redis with deadline services that have one or both rings, and eyes for what they fire. */
export async function startDeadlineBench() {
  const server = await startTestRedis({ appendonly: true });
  const redis = new Redis(server.url, { protocol: 2 });
  redis.on('error', () => {});
  const running: InProcess[] = [];

  const publish = async (
    eventType: string,
    orderId: number,
    deadline: number,
    partitions: readonly Partition[] = ONE,
  ) => {
    const order = { holderId: 'jjy', currencyId: '1', amount: 5, reason: 'POINT LIMIT' };
    const event = { eventType, version: 1, orderId, timestamp: deadline - 10_000, deadline, ...order };
    await redis.xadd(logKey(partitionOfOrder(orderId, partitions).tag), '*', ...Object.entries(event).flat());
  };

  const reached = async (partitions: readonly Partition[] = ONE): Promise<{ orderId: number; lateMs: number }[]> => {
    const logs = await Promise.all(partitions.map((partition) => redis.xrange(logKey(partition.tag), '-', '+')));
    return logs
      .flat()
      .map(([, flat]) => entryFields(flat))
      .filter(({ eventType }) => eventType === 'DeadlineReached')
      .map(({ orderId, lateMs }) => ({ orderId: Number(orderId), lateMs: Number(lateMs) }));
  };

  const statusOf = (orderId: number) => redis.hget(deadlineKey(TAG, orderId), 'status');
  const bullKeys = () => redis.keys(`${wakeUpPrefix(TAG)}:*`);
  const jobKeys = () => redis.keys(`${wakeUpPrefix(TAG)}:${WAKE_UP_QUEUE}:until-*`);

  return {
    ...{ server, redis, publish, reached, statusOf, bullKeys, jobKeys },
    async start(rings: Rings, partitions = 1): Promise<InProcess> {
      const env = { REDIS_URL: server.url, PARTITIONS: String(partitions) };
      const service = await startInProcess('deadline', (context) => deadlineService(context, rings), env);
      running.push(service);
      return service;
    },
    async stopServices(): Promise<void> {
      await Promise.all(running.splice(0).map((service) => service.stop()));
    },
    stop: () => server.stop().finally(() => redis.disconnect()),
    /** Redis' time, `ms` from now. */
    async inMs(ms: number): Promise<number> {
      const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
      return seconds * 1_000 + Math.floor(micros / 1_000) + ms;
    },
    async deleteBullKeys(): Promise<void> {
      await redis.del(await bullKeys());
    },
    /** Lends BullMQ's own hand on the queue. */
    async withQueue(use: (queue: Queue) => Promise<unknown>): Promise<void> {
      const connection = { url: server.url, protocol: 2, maxRetriesPerRequest: null };
      const queue = new Queue(WAKE_UP_QUEUE, { connection, prefix: wakeUpPrefix(TAG) });
      try {
        await use(queue);
      } finally {
        await queue.close();
      }
    },
    untilJobs: (count: number) =>
      until(`${count} jobs`, async () => {
        const keys = await jobKeys();
        return keys.length === count && { keys };
      }),
    untilScheduled: (orderId: number) =>
      until(`${orderId} to be scheduled`, async () => (await statusOf(orderId)) === 'SCHEDULED'),
    /** Ten seconds of patience: BullMQ's blocking read may be sent again with its whole time-out after a restart. */
    untilReached: (...orderIds: number[]) =>
      until(
        `deadlines ${orderIds} to be reached`,
        async () => {
          const all = (await reached()).map(({ orderId }) => orderId);
          return orderIds.every((orderId) => all.includes(orderId));
        },
        { timeoutMs: 10_000 },
      ),
    /** What services count comes a moment after the event that they have fired. */
    untilCounted: (services: readonly InProcess[], count: number, rings = RINGS) =>
      until(`${count} to be counted by ${rings}`, async () => {
        const counts = await Promise.all(services.flatMap(({ metric }) => rings.map((ring) => metric(series(ring)))));
        return counts.reduce<number>((sum, each) => sum + (each ?? 0), 0) === count;
      }),
  };
}

const series = (ring: string) => `saga_deadline_fired_total{ring="${ring}",service="deadline"}`;
