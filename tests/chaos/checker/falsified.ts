import { FALSIFIED_EVENTS, type Falsified } from './falsifiedEvents.ts';
import { loseOrder } from './goodRun.ts';
import {
  account,
  attempt,
  digestOf,
  get,
  group,
  loseWithTail,
  order,
  payTwice,
  twoOrders,
  unpaid,
} from './runParts.ts';

/** Everything that can be wrong after a run, one thing each. */
export const FALSIFIED: readonly Falsified[] = [
  ...FALSIFIED_EVENTS,
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
    what: 'an order that answers two requests',
    make: (run) => run.state.orderRequests.set(digestOf(run, 'order-2'), 1),
    found: /^once: order 1: answers two requests: order-1 and order-2/,
  },
  {
    what: 'a request without its order',
    make: (run) => run.state.orderRequests.set(digestOf(run, 'order-1'), 99),
    found: /^once: order-1: made order 99, not there/,
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
    what: 'an exchange for another',
    make: (run) => Object.assign(get(run.state.exchanges, 1), { userId: 'else' }),
    found: /^agreement: order 1: exchanged for else/,
  },
  {
    what: 'more points than the price',
    make: (run) => Object.assign(get(run.state.transactions, 1), { pointUsed: 116 }),
    found: /^agreement: order 1: took 116 points, exchanged 115/,
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
    what: 'an account that was opened with other points',
    make: (run) => run.state.paymentRequests.clear(),
    found: /^conservation: open-1: 1000 points of jjy were answered 201/,
  },
  {
    what: 'a balance below zero',
    make: (run) => Object.assign(account(run), { used: 2_001, point: -1 }),
    found: /^conservation: jjy: has -1 points$/,
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
