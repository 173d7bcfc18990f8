import type { Partition } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import { counter, histogram } from 'common/telemetry/metrics';
import { reachDeadlines } from './scripts/reachDue.ts';
import type { WakeUp } from './wakeUp.ts';

/** Who noticed that something is due: BullMQ's wake-up, or the slow sweep that covers one that was lost. */
export type Ring = 'wake-up' | 'sweep';

export type Drained = {
  /** Redis' time of the last look, in ms since 1970. */
  now: number;
  /** What the next deadline needs; it lies ahead of `now`. */
  next: WakeUp | undefined;
};

/** Fires everything that is due in a partition; rejects where Redis is away, and may then be run again. */
export type DueDrain = (partition: Partition, ring: Ring) => Promise<Drained>;

/** 1 to 100 ms are what is aimed at; what comes after is for seeing how a failure looked. */
const LATENESS_S = [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the one way in which deadlines fire, with the metrics of what fired. */
export function dueDrain({ logger, registry }: ServiceContext, { connections, scripts }: Foundation): DueDrain {
  const lateness = histogram(registry, {
    name: 'saga_deadline_lateness_seconds',
    help: "From a deadline to the event that says so, by Redis' clock",
    buckets: LATENESS_S,
  });
  const fired = counter(registry, {
    name: 'saga_deadline_fired_total',
    help: 'Deadlines that were reached, by who noticed: while wake-ups arrive the sweep finds a few that are milliseconds old',
    labels: ['ring'],
  });
  const unreadable = counter(registry, {
    name: 'saga_deadline_unreadable_total',
    help: 'Attempts to fire a deadline whose record can not be read',
  });

  return async (partition, ring) => {
    for (;;) {
      const reached = await reachDeadlines(scripts, connections.commands, partition.tag);
      fired.inc({ ring }, reached.fired.length);
      for (const { orderId, lateMs } of reached.fired) {
        lateness.observe(lateMs / 1_000);
        logger.debug({ orderId, lateMs, ring }, 'deadline reached');
      }
      unreadable.inc(reached.failed.length);
      for (const { orderId, why } of reached.failed) logger.error({ orderId, why }, 'a deadline can not be fired');
      const { now, next } = reached;
      if (next === undefined || next.inMs > 0) return { now, next };
    }
  };
}
