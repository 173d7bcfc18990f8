import { readBacklog } from 'common/actor/backlog';
import type { Partition } from 'common/partition/partition';
import type { Background } from 'common/process/background';
import type { Foundation } from 'common/process/foundation';
import { repeatedly } from 'common/process/repeatedly';
import type { ServiceContext } from 'common/process/service';
import { gauge } from 'common/telemetry/metrics';
import type { Redis } from 'ioredis';

const LOOK_EVERY_MS = 500;
/** Above this share of maxmemory no order is taken in: the rest is for settling those that were. */
const MEMORY_SHARE_MAX = 0.9;

export type Admission = Background & {
  /** Whether a new order of this partition can be expected to settle in time. */
  admits(partition: Partition): boolean;
};

/**
 * Looks twice a second whether the saga keeps up. An order that is taken in while a group is half a deadline behind would
 * be rejected for its deadline after much work: it is refused at once instead, and its client told to come back. A
 * service that is stopped is no overload: its group has no live consumer, and orders settle by their deadline. Nor is one
 * that has just come back, and is alive a moment before its first drain: who is behind must be so at two looks in a row.
 */
export function createAdmission({ config, logger, registry }: ServiceContext, foundation: Foundation): Admission {
  const { connections, partitions } = foundation;
  const refusals = new Map<string, string>();
  const behindBefore = new Set<string>();
  const admitting = gauge(registry, {
    name: 'saga_order_admitting',
    help: '1 while new orders are taken in, 0 while they are refused for overload',
    labels: ['partition'],
  });
  for (const { index } of partitions) admitting.set({ partition: index }, 1);

  const look = async ({ tag, index }: Partition) => {
    const redis = connections.commands;
    const behind = await groupBehind(redis, tag, config.deadlineMs / 2);
    const refusal = (await memoryFull(redis)) ?? (behindBefore.has(tag) ? behind : undefined);
    if (behind === undefined) behindBefore.delete(tag);
    else behindBefore.add(tag);
    if (refusal !== undefined && !refusals.has(tag)) logger.warn({ partition: index }, `no new orders: ${refusal}`);
    if (refusal === undefined && refusals.has(tag)) logger.info({ partition: index }, 'new orders again');
    if (refusal === undefined) refusals.delete(tag);
    else refusals.set(tag, refusal);
    admitting.set({ partition: index }, refusal === undefined ? 1 : 0);
  };

  const lookAtAll = async () => {
    for (const partition of partitions) await look(partition);
  };
  const looking = repeatedly(foundation, LOOK_EVERY_MS, lookAtAll, (error) => {
    logger.warn({ err: error }, 'looking for overload failed, trying again');
  });
  return { ...looking, admits: ({ tag }) => !refusals.has(tag) };
}

async function groupBehind(redis: Redis, tag: string, behindMsMax: number): Promise<string | undefined> {
  const groups = await readBacklog(redis, tag);
  const behind = groups.find(({ live, oldestUnreadMs }) => live && oldestUnreadMs > behindMsMax);
  return behind && `${behind.group} is ${behind.oldestUnreadMs} ms behind`;
}

async function memoryFull(redis: Redis): Promise<string | undefined> {
  const info = await redis.info('memory');
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const [used, max] = [field('used_memory'), field('maxmemory')];
  return max > 0 && used > MEMORY_SHARE_MAX * max ? `Redis uses ${used} of ${max} bytes` : undefined;
}
