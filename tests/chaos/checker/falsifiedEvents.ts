import type { EventType } from 'common/events/catalog';
import type { GoodRun } from './goodRun.ts';
import { alsoRejected, drop, eventOf, fullRedis, lateEvent, order, repeat } from './runParts.ts';

/** One thing that is made wrong in a good run, and the violation that must be found. */
export type Falsified = { what: string; make: (run: GoodRun) => unknown; found: RegExp };

/** An order of the good run that has an event of each type, and what its record says of it. */
const EVENTS: readonly [EventType, number, string][] = [
  ['OrderCreated', 1, 'is there'],
  ['OrderPlaced', 1, 'APPROVED'],
  ['OrderRejected', 3, 'REJECTED DUE TO POINT LIMIT'],
  ['ExchangeSucceed', 1, 'exchange EXCHANGED'],
  ['ExchangeFailed', 4, 'exchange FAILED'],
  ['ExchangeCompensated', 2, 'exchange COMPENSATED'],
  ['PointUsed', 1, 'points USED'],
  ['PointUseFailed', 3, 'points FAILED'],
  ['PointUseCompensated', 2, 'points REFUNDED'],
  ['DeadlineReached', 2, 'deadline REACHED'],
];

/** What can be wrong with the events of a run and with their times. */
export const FALSIFIED_EVENTS: readonly Falsified[] = [
  ...EVENTS.flatMap(([type, id, says]): Falsified[] => [
    {
      what: `${type} twice`,
      make: (run) => repeat(run, type, id),
      found: new RegExp(`^once: order ${id}: ${says}, and 2 ${type}$`),
    },
    {
      what: `${type} lost`,
      make: (run) => drop(run, type, id),
      found: new RegExp(`^once: order ${id}: ${says}, and 0 ${type}$`),
    },
  ]),
  {
    what: 'approved and rejected',
    make: (run) => alsoRejected(run),
    found: /^once: order 1: APPROVED, and 1 OrderRejected/,
  },
  {
    what: 'another refund than was taken',
    make: (run) => (eventOf(run, 'PointUseCompensated', 2).moved = 114),
    found: /^once: order 2: took 115 points and gave 114 back/,
  },
  {
    what: 'an approval at the deadline',
    make: (run) => lateEvent(run, 'OrderPlaced'),
    found: /^deadline: order 1: OrderPlaced 0 ms after the deadline/,
  },
  {
    what: 'a debit at the deadline',
    make: (run) => lateEvent(run, 'PointUsed'),
    found: /^deadline: order 1: PointUsed 0 ms after/,
  },
  {
    what: 'an exchange at the deadline',
    make: (run) => lateEvent(run, 'ExchangeSucceed'),
    found: /^deadline: order 1: ExchangeSucceed 0 ms after/,
  },
  {
    what: 'a record approved late',
    make: (run) => (order(run, 1).settledAt = order(run, 1).deadline),
    found: /^deadline: order 1: approved at/,
  },
  {
    what: 'rejected before the deadline',
    make: (run) => (order(run, 2).settledAt = order(run, 2).deadline - 1),
    found: /^deadline: order 2: rejected at/,
  },
  {
    what: 'a deadline reached early',
    make: (run) => (eventOf(run, 'DeadlineReached', 2).timestamp -= 11),
    found: /^deadline: order 2: DeadlineReached 1 ms before/,
  },
  {
    what: 'an event with another deadline',
    make: (run) => (eventOf(run, 'PointUsed', 1).deadline += 1),
    found: /^deadline: order 1: PointUsed carries the deadline/,
  },
  {
    what: 'settled too late',
    make: (run) => (order(run, 2).settledAt = order(run, 2).deadline + 1_001),
    found: /^settled in time: order 2: settled 1001 ms/,
  },
  {
    what: 'nothing is settled at maxmemory',
    make: fullRedis,
    found: /^settled at maxmemory: Redis at \d+: none of 3 orders under way was settled in 3000 ms/,
  },
];
