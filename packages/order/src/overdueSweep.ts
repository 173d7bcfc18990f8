import type { Background } from 'common/process/background';
import type { Foundation } from 'common/process/foundation';
import { repeatedly } from 'common/process/repeatedly';
import type { ServiceContext } from 'common/process/service';
import { counter } from 'common/telemetry/metrics';
import { sweepOverdue } from './scripts/sweepPending.ts';

/** With the 500 ms that an order must be overdue, every order settles within a second of its deadline. */
const SWEEP_EVERY_MS = 250;

/**
 * The last ring of the deadlines: settles orders that are overdue although nobody said so, whatever else is down. It
 * costs Redis one look at the head of a sorted set a tick, and finds nothing while the system is well.
 */
export function overdueSweep({ logger, registry }: ServiceContext, foundation: Foundation): Background {
  const { connections, partitions, scripts } = foundation;
  const settled = counter(registry, {
    name: 'saga_order_swept_total',
    help: 'Orders that no event settled by their deadline, so that the sweep did: 0 while everything works',
  });

  const sweepPartition = async (tag: string, signal: AbortSignal) => {
    let full = true;
    while (full && !signal.aborted) {
      const sweep = await sweepOverdue(scripts, connections.commands, tag);
      full = sweep.full;
      settled.inc(sweep.swept.length);
      const { length: count, 0: orderId } = sweep.swept;
      if (count > 0) logger.warn({ count, orderId }, 'overdue and settled by nobody: rejected by the sweep');
      for (const { orderId, why } of sweep.failed) logger.error({ orderId, why }, 'the sweep cannot settle an order');
    }
  };

  const sweep = async (signal: AbortSignal) => {
    for (const { tag } of partitions) await sweepPartition(tag, signal);
  };
  return repeatedly(foundation, SWEEP_EVERY_MS, sweep, (error) => {
    logger.warn({ err: error }, 'sweeping overdue orders failed, trying again');
  });
}
