import { logKey } from 'common/events/keys';
import { CLOCK_BACK_MS_MAX, clockBehindMs } from 'common/redis/checkLog';
import { gauge } from 'common/telemetry/metrics';
import type { Background } from './background.ts';
import type { Foundation } from './foundation.ts';
import { repeatedly } from './repeatedly.ts';
import type { ServiceContext } from './service.ts';

/** Rarely: it happens after a failover to a server whose clock is wrong, and what it endangers are deadlines of seconds. */
const LOOK_EVERY_MS = 2_000;

/**
 * Sounds the alarm where Redis' clock is behind what it has written before: deadlines would come late by as much. One log
 * line when it begins and one when it is over; the gauge says how much.
 */
export function clockWatch({ logger, registry }: ServiceContext, foundation: Foundation): Background {
  const { connections, partitions } = foundation;
  const behind = gauge(registry, {
    name: 'saga_redis_clock_behind_seconds',
    help: "How far Redis' clock is behind the log's last entry; an alarm above 1 (0 while it is not)",
    labels: ['partition'],
  });
  const alarmed = new Set<string>();

  const look = async (tag: string, partition: number) => {
    const behindMs = Math.max(0, await clockBehindMs(connections.commands, logKey(tag)));
    behind.set({ partition }, behindMs / 1_000);
    const isBehind = behindMs > CLOCK_BACK_MS_MAX;
    if (isBehind && !alarmed.has(tag)) {
      alarmed.add(tag);
      logger.error({ partition, behindMs }, "Redis' clock went back: deadlines come late until it has caught up");
    }
    if (!isBehind && alarmed.delete(tag)) logger.info({ partition }, "Redis' clock has caught up");
  };

  const lookAtAll = async () => {
    for (const { tag, index } of partitions) await look(tag, index);
  };
  return repeatedly(foundation, LOOK_EVERY_MS, lookAtAll, (error) => {
    logger.warn({ err: error }, "looking at Redis' clock failed, trying again");
  });
}
