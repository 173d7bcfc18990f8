import { hash } from 'node:crypto';
import { addApproved, type GoodRun, KILLED_AT, loseOrder, lossyKill, STARTED_AT } from './goodRun.ts';

/** The entry that a falsification is about; it must be there. */
export function get<K, V>(entries: Map<K, V>, key: K): V {
  const value = entries.get(key);
  if (value === undefined) throw new Error(`nothing under ${String(key)}`);
  return value;
}

export function eventOf({ state }: GoodRun, type: string, orderId: number) {
  const event = state.log.find((each) => each.type === type && each.orderId === orderId);
  if (!event) throw new Error(`order ${orderId} has no ${type}`);
  return event;
}

export function group({ state }: GoodRun) {
  const [first] = state.groups;
  if (!first) throw new Error('no group');
  return first;
}

export const repeat = (run: GoodRun, type: string, orderId: number) =>
  run.state.log.push({ ...eventOf(run, type, orderId) });
export const drop = (run: GoodRun, type: string, orderId: number) => {
  const event = eventOf(run, type, orderId);
  run.state.log = run.state.log.filter((each) => each !== event);
};
/** The record of an order that is there. */
export const order = (run: GoodRun, id: number) => get(run.state.orders, id);
export const account = (run: GoodRun) => get(run.state.accounts, 'jjy');
export const attempt = (run: GoodRun, key: string) => {
  const [first] = get(run.history.orders, key);
  if (!first) throw new Error(`no attempt of ${key}`);
  return first;
};
/** Under which Redis keeps the request of an order's key. */
export const digestOf = (run: GoodRun, key: string) =>
  hash('sha256', ['POST /orders', attempt(run, key).holderId, key].join('\n'), 'hex');

/** Two orders of the second before Redis was killed, and one of all that is gone. */
export function loseWithTail(run: GoodRun, id: number): void {
  addApproved(run, 6, KILLED_AT - 500);
  addApproved(run, 7, KILLED_AT - 400);
  run.history.faults.push(lossyKill());
  loseOrder(run, id);
}

/** A second order of the first one's key, there as well. */
export function twoOrders(run: GoodRun): void {
  addApproved(run, 6, STARTED_AT + 6_000);
  const [second] = get(run.history.orders, 'order-6');
  run.history.orders.delete('order-6');
  if (second) get(run.history.orders, 'order-1').push(second);
}

export function payTwice(run: GoodRun): void {
  account(run).deposited += 1_000;
  account(run).point += 1_000;
}

export function unpaid(run: GoodRun): void {
  const [, deposit = ''] = run.state.paymentRequests;
  run.state.paymentRequests.delete(deposit);
  account(run).deposited -= 1_000;
  account(run).point -= 1_000;
}

export const lateEvent = (run: GoodRun, type: string) => (eventOf(run, type, 1).timestamp = order(run, 1).deadline);

/** Approved, and rejected by an event that was another order's. */
export function alsoRejected(run: GoodRun): void {
  repeat(run, 'OrderRejected', 2);
  eventOf(run, 'OrderRejected', 2).orderId = 1;
}

/** Three orders that wait while Redis is at its `maxmemory`, and are settled when it is not any more. */
export function fullRedis(run: GoodRun): void {
  const from = STARTED_AT + 20_000;
  for (const id of [6, 7, 8]) {
    addApproved(run, id, from - 10 * id);
    order(run, id).settledAt = from + 3_001;
  }
  const full = { from, to: from + 3_000 };
  const times = { from: from - 700, to: from + 3_010, returnMs: 0 };
  run.history.faults.push({ kind: 'fault', name: 'Redis at maxmemory', detail: '', ...times, full });
}
