import type { EventType } from 'common/events/catalog';
import type { Order } from 'order/order';
import type { Logged, State } from './state.ts';
import type { Violation } from './violation.ts';

/** I1, I3 and I4 from the log: what happened to each order, how often and when. */
export function checkEvents(state: State): Violation[] {
  const byOrder = new Map<number, Logged[]>();
  for (const event of state.log) {
    const known = byOrder.get(event.orderId);
    if (known) known.push(event);
    else byOrder.set(event.orderId, [event]);
  }
  const violations: Violation[] = [];
  const add = (rule: Violation['rule'], orderId: number, texts: readonly string[]) => {
    violations.push(...texts.map((what) => ({ rule, who: `order ${orderId}`, what })));
  };
  for (const order of state.orders.values()) {
    const events = byOrder.get(order.id) ?? [];
    add('once', order.id, counts(order, events, state));
    add('deadline', order.id, timing(order, events));
  }
  for (const id of byOrder.keys()) if (!state.orders.has(id)) add('once', id, ['has events and no record']);
  return violations;
}

/** How many events of each type there are, and whether they tell what the records tell. */
function counts(order: Order, events: readonly Logged[], state: State): string[] {
  const of = (type: EventType) => events.filter((event) => event.type === type);
  const wrong: string[] = [];
  const expect = (type: EventType, holds: boolean, why: string) => {
    const count = of(type).length;
    if (count !== Number(holds)) wrong.push(`${why}, and ${count} ${type}`);
  };
  const exchange = state.exchanges.get(order.id)?.status ?? 'none';
  const points = state.transactions.get(order.id)?.status ?? 'none';
  const deadline = state.deadlines.get(order.id)?.status ?? 'none';
  expect('OrderCreated', true, 'is there');
  expect('OrderPlaced', order.status === 'APPROVED', order.status);
  expect('OrderRejected', order.status.startsWith('REJECTED'), order.status);
  expect('ExchangeSucceed', exchange === 'EXCHANGED' || exchange === 'COMPENSATED', `exchange ${exchange}`);
  expect('ExchangeFailed', exchange === 'FAILED', `exchange ${exchange}`);
  expect('ExchangeCompensated', exchange === 'COMPENSATED', `exchange ${exchange}`);
  expect('PointUsed', points === 'USED' || points === 'REFUNDED', `points ${points}`);
  expect('PointUseFailed', points === 'FAILED', `points ${points}`);
  expect('PointUseCompensated', points === 'REFUNDED', `points ${points}`);
  expect('DeadlineReached', deadline === 'REACHED', `deadline ${deadline}`);
  const [taken, back] = [of('PointUsed')[0]?.moved, of('PointUseCompensated')[0]?.moved];
  if (back !== undefined && back !== taken) wrong.push(`took ${taken} points and gave ${back} back`);
  return wrong;
}

const BEFORE_DEADLINE: readonly EventType[] = ['OrderPlaced', 'ExchangeSucceed', 'PointUsed'];

/** Nothing is done at or after the deadline, and nothing is rejected for a deadline that has not come. */
function timing(order: Order, events: readonly Logged[]): string[] {
  const wrong: string[] = [];
  for (const { type, timestamp, deadline } of events) {
    const by = timestamp - order.deadline;
    if (deadline !== order.deadline) wrong.push(`${type} carries the deadline ${deadline}, not ${order.deadline}`);
    if (BEFORE_DEADLINE.includes(type) && by >= 0) wrong.push(`${type} ${by} ms after the deadline`);
    if (type === 'DeadlineReached' && by < 0) wrong.push(`${type} ${-by} ms before the deadline`);
  }
  const { status, settledAt, deadline } = order;
  if (status === 'APPROVED' && Number(settledAt) >= deadline) wrong.push(`approved at ${settledAt}`);
  if (status === 'REJECTED DUE TO DEADLINE' && Number(settledAt) < deadline) wrong.push(`rejected at ${settledAt}`);
  return wrong;
}
