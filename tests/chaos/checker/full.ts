import { DELAYED } from '../client/requests.ts';
import type { FaultRecord, History } from '../history.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

/** So many orders under way, and so long: then some are settled, unless something keeps them all. */
const UNDER_WAY_MIN = 3;
const TIME_MS_MIN = 900;

type Full = { violations: Violation[]; settled: number };

/** Orders that were under way when Redis reached its `maxmemory` are settled while it is there. */
export function checkFull(history: History, state: State): Full {
  const result: Full = { violations: [], settled: 0 };
  for (const fault of history.faults) {
    if (!fault.full) continue;
    const { from, to } = fault.full;
    const underWay = [...state.orders.values()].filter(
      ({ createdAt, settledAt = Infinity, currencyId }) =>
        createdAt < from && settledAt >= from && !DELAYED.includes(currencyId),
    );
    const settled = underWay.filter(({ settledAt = Infinity }) => settledAt <= to).length;
    result.settled += settled;
    if (settled > 0 || underWay.length < UNDER_WAY_MIN || to - from - disturbedMs(history, fault) < TIME_MS_MIN)
      continue;
    const what = `none of ${underWay.length} orders under way was settled in ${to - from} ms`;
    result.violations.push({ rule: 'settled at maxmemory', who: `Redis at ${from}`, what });
  }
  return result;
}

/** How much of the time something else was broken, or the machine was too busy: all of it where another fault was near. */
function disturbedMs({ faults, stalls }: History, of: FaultRecord): number {
  const { from, to } = of.full ?? of;
  if (faults.some((other) => other !== of && other.from <= to && other.to + other.returnMs >= of.from))
    return to - from;
  return stalls.reduce((sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)), 0);
}
