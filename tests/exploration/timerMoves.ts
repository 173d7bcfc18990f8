import { reachDeadlines } from 'deadline/scripts/reachDue';
import { ratesKey } from 'exchange/keys';
import { OVERDUE_MS, sweepOverdue } from 'order/scripts/sweepPending';
import { UNREADABLE_RATE } from './groupMoves.ts';
import { CLOCK, DUE_MS } from './moments.ts';
import type { Budget, Move } from './move.ts';
import type { Seen } from './seen.ts';
import { partitionTag } from './world.ts';
import { clockKey } from './worldKeys.ts';

/** What timers and people do: wake-ups, whenever they come, the sweep of what is overdue, the mending of a rate. */
export function timerMoves(seen: Seen, budget: Budget): Move[] {
  return [
    wakeUp(seen, budget),
    ...(seen.orders.some(({ order }) => order.status === 'PENDING') ? [overdueSweep(seen, budget)] : []),
    ...Object.entries(seen.rates).flatMap(([id, rate]) => (rate === UNREADABLE_RATE ? [mend(id, budget)] : [])),
  ];
}

/** Early, late, twice, or after the deadline was cancelled: the record decides. */
function wakeUp(seen: Seen, budget: Budget): Move {
  const waits = seen.orders.some(({ deadline }) => deadline.status === 'SCHEDULED');
  const isDue = waits && seen.now >= DUE_MS;
  return {
    label: isDue
      ? 'a wake-up comes: deadline looks at what is due'
      : `a wake-up comes ${waits ? 'too early' : 'for nothing'}`,
    fair: isDue,
    harmless: !isDue,
    budget,
    async run({ runner, redis }, tag) {
      const { failed } = await reachDeadlines(runner, redis, tag);
      return failed.map(({ orderId, why }) => `the deadline of order ${orderId} failed: ${why}`)[0];
    },
  };
}

function overdueSweep(seen: Seen, budget: Budget): Move {
  const isOverdue = seen.now >= DUE_MS + OVERDUE_MS;
  return {
    label: isOverdue ? 'order sweeps what is overdue' : 'order sweeps while nothing is overdue',
    fair: isOverdue,
    harmless: !isOverdue,
    budget,
    async run({ runner, redis }, tag) {
      const { failed } = await sweepOverdue(runner, redis, tag);
      return failed.map(({ orderId, why }) => `the sweep of order ${orderId} failed: ${why}`)[0];
    },
  };
}

function mend(currencyId: string, budget: Budget): Move {
  return {
    label: `an operator sets the rate of currency ${currencyId} right`,
    fair: false,
    budget,
    async run({ redis }, tag) {
      await redis.hdel(ratesKey(tag), currencyId);
      return undefined;
    },
  };
}

/** All partitions live in one Redis: they have one clock. */
export function clockMoves(partitions: readonly Seen[], budget: Budget): Move[] {
  const at = CLOCK.findIndex(({ ms }) => ms === partitions[0]?.now);
  const to = (index: number, verb: string, next: Budget): Move[] => {
    const moment = CLOCK[index];
    if (!moment || index > budget.lastMoment) return [];
    const set: Move['run'] = async ({ redis }, tag) => {
      await Promise.all(partitions.map((_, i) => redis.set(clockKey(partitionTag(tag, i)), moment.ms)));
      return undefined;
    };
    return [{ label: `the clock ${verb}: ${moment.name}`, fair: false, budget: next, run: set }];
  };
  const back = { ...budget, stepsBack: budget.stepsBack - 1 };
  return [...to(at + 1, 'goes on', budget), ...(budget.stepsBack > 0 ? to(at - 1, 'steps back', back) : [])];
}
