import { type GoodRun, loseOrder } from './goodRun.ts';
import {
  account,
  alsoRejected,
  attempt,
  drop,
  eventOf,
  get,
  group,
  lateEvent,
  loseWithTail,
  order,
  payTwice,
  repeat,
  twoOrders,
  unpaid,
} from './runParts.ts';

/** One thing that is made wrong in a good run, and the violation that must be found. */
type Falsified = { what: string; make: (run: GoodRun) => unknown; found: RegExp };

/** Everything that can be wrong after a run, one thing each. */
export const FALSIFIED: readonly Falsified[] = [
  { what: 'an order is lost', make: (run) => loseOrder(run, 5), found: /^accepted: order 5: answered 201 to order-5/ },
  {
    what: 'an order has another amount',
    make: (run) => Object.assign(order(run, 1), { amount: 7 }),
    found: /^accepted: order 1/,
  },
  {
    what: 'an order took the id of another',
    make: (run) => Object.assign(order(run, 1), { createdAt: 1 }),
    found: /^accepted: order 1/,
  },
  {
    what: 'an order is lost that is older than what Redis may have lost',
    make: (run) => loseWithTail(run, 5),
    found: /^accepted: order 5/,
  },
  {
    what: 'a loss that is no suffix, one order is missing and a later one is there',
    make: (run) => loseWithTail(run, 6),
    found: /^suffix: order 7: is there, and order 6 before it was lost/,
  },
  { what: 'a key made two orders', make: (run) => twoOrders(run), found: /^once: order-1: made orders 1 and 6/ },
  {
    what: 'an order nobody asked for',
    make: (run) => run.history.orders.delete('order-1'),
    found: /^once: order 1: no client/,
  },
  {
    what: 'an order without a request',
    make: (run) => run.state.orderRequests.clear(),
    found: /^once: order 1: no request/,
  },
  {
    what: 'an order is open',
    make: (run) => Object.assign(order(run, 1), { status: 'PENDING' }),
    found: /^agreement: order 1: is PENDING/,
  },
  {
    what: 'approved without points',
    make: (run) => run.state.transactions.delete(1),
    found: /^agreement: order 1: APPROVED, exchange EXCHANGED, points none/,
  },
  {
    what: 'rejected with points',
    make: (run) => Object.assign(get(run.state.transactions, 2), { status: 'USED' }),
    found: /^agreement: order 2: REJECTED DUE TO DEADLINE, exchange COMPENSATED, points USED/,
  },
  {
    what: 'rejected with an exchange',
    make: (run) => Object.assign(get(run.state.exchanges, 3), { status: 'EXCHANGED' }),
    found: /^agreement: order 3/,
  },
  {
    what: 'an exchange alone',
    make: (run) => run.state.exchanges.set(9, get(run.state.exchanges, 1)),
    found: /^agreement: order 9: exchanges keeps it alone/,
  },
  {
    what: 'a deadline that waits for ever',
    make: (run) => Object.assign(get(run.state.deadlines, 1), { status: 'SCHEDULED' }),
    found: /^agreement: order 1: its deadline is SCHEDULED/,
  },
  {
    what: 'a wrong price',
    make: (run) => Object.assign(get(run.state.exchanges, 1), { point: 114 }),
    found: /^agreement: order 1: 100 taxed cost 115, not 114/,
  },
  {
    what: 'points of another',
    make: (run) => Object.assign(get(run.state.transactions, 1), { userId: 'else' }),
    found: /^agreement: order 1: points of else/,
  },
  {
    what: 'an index of another status',
    make: (run) => run.state.indexes[0]?.ids.push(2),
    found: /^index: order 2: stands in the index of APPROVED/,
  },
  {
    what: 'an index without a record',
    make: (run) => run.state.indexes[0]?.ids.pop(),
    found: /^index: orders: 5 records, 4/,
  },
  {
    what: 'a balance off by one',
    make: (run) => (account(run).point += 1),
    found: /^conservation: jjy: has 1771 points/,
  },
  {
    what: 'a deposit applied twice',
    make: (run) => payTwice(run),
    found: /^conservation: jjy: deposited 3000, requests paid 2000/,
  },
  {
    what: 'an answered deposit is not in',
    make: (run) => unpaid(run),
    found: /^conservation: deposit-1: 1000 points of jjy were answered 200/,
  },
  {
    what: 'points used that no transaction used',
    make: (run) => Object.assign(account(run), { used: 231, point: 1769 }),
    found: /^conservation: jjy: used 231, transactions 230/,
  },
  {
    what: 'an account is gone',
    make: (run) => run.state.accounts.clear(),
    found: /^conservation: jjy: has no account/,
  },
  {
    what: 'approved twice',
    make: (run) => repeat(run, 'OrderPlaced', 1),
    found: /^once: order 1: APPROVED, and 2 OrderPlaced/,
  },
  {
    what: 'approved and rejected',
    make: (run) => alsoRejected(run),
    found: /^once: order 1: APPROVED, and 1 OrderRejected/,
  },
  {
    what: 'points taken twice',
    make: (run) => repeat(run, 'PointUsed', 1),
    found: /^once: order 1: 2 times PointUsed/,
  },
  {
    what: 'points refunded twice',
    make: (run) => repeat(run, 'PointUseCompensated', 2),
    found: /^once: order 2: 2 times PointUseCompensated/,
  },
  {
    what: 'a refund that never was',
    make: (run) => drop(run, 'PointUseCompensated', 2),
    found: /^once: order 2: points REFUNDED, and 0 PointUseCompensated/,
  },
  {
    what: 'another refund than was taken',
    make: (run) => (eventOf(run, 'PointUseCompensated', 2).moved = 114),
    found: /^once: order 2: took 115 points and gave 114 back/,
  },
  {
    what: 'an event lost',
    make: (run) => drop(run, 'OrderCreated', 1),
    found: /^once: order 1: is there, and 0 OrderCreated/,
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
    what: 'a pending entry',
    make: (run) => (group(run).pending = 1),
    found: /^drained: group order of partition 0: 1 pending/,
  },
  {
    what: 'an unread entry',
    make: (run) => (group(run).unread = 1),
    found: /^drained: group order of partition 0: 1 unread/,
  },
  {
    what: 'an entry that waits for a retry',
    make: (run) => (group(run).retries = 1),
    found: /^drained: .*1 waiting for a retry/,
  },
  {
    what: 'a dead consumer',
    make: (run) => group(run).consumers.push('order-0'),
    found: /^drained: .*the consumer order-0 is dead/,
  },
  {
    what: 'a dead letter',
    make: (run) => run.state.deadLetters.push('1-0 PointUsed of order 1'),
    found: /^dead letters: log: 1-0 PointUsed/,
  },
  { what: 'a deadline still due', make: (run) => (run.state.due = 1), found: /^drained: deadlines: 1 are still due/ },
  { what: 'an order still open', make: (run) => (run.state.open = 1), found: /^drained: orders: 1 are still open/ },
  {
    what: 'an answer of 500',
    make: (run) => (attempt(run, 'order-1').status = 500),
    found: /^answers: order-1: was answered 500/,
  },
  {
    what: 'a settled status that changed',
    make: (run) => Object.assign(run.history.reads[0] ?? {}, { orderStatus: 'REJECTED DUE TO DEADLINE' }),
    found: /^terminal: order 1: was seen REJECTED DUE TO DEADLINE, is APPROVED/,
  },
  {
    what: 'a service that ended by itself',
    make: (run) => run.history.crashes.push('point ended with 1: out of memory'),
    found: /^no crash: service: point ended with 1/,
  },
];
