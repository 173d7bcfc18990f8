import { hash } from 'node:crypto';
import type { EventType } from 'common/events/catalog';
import { GROUPS } from 'common/events/keys';
import type { Exchange } from 'exchange/exchange';
import type { Order } from 'order/order';
import { emptyHistory, type FaultRecord, type History } from '../history.ts';
import { emptyState, type State } from './state.ts';

/** A small run in which everything is as it must be; tests make one thing wrong and see it found. */
export type GoodRun = { history: History; state: State };

export const STARTED_AT = 1_700_000_000_000;
export const KILLED_AT = STARTED_AT + 60_000;
const DEADLINE_MS = 10_000;

const digest = (...parts: string[]) => hash('sha256', parts.join('\n'), 'hex');

type Told = { status: Order['status']; exchange: Exchange['status']; points: 'USED' | 'REFUNDED' | 'FAILED' | 'none' };

/** What became of each order, an order a second. */
const ORDERS: readonly Told[] = [
  { status: 'APPROVED', exchange: 'EXCHANGED', points: 'USED' },
  { status: 'REJECTED DUE TO DEADLINE', exchange: 'COMPENSATED', points: 'REFUNDED' },
  { status: 'REJECTED DUE TO POINT LIMIT', exchange: 'COMPENSATED', points: 'FAILED' },
  { status: 'REJECTED DUE TO EXCHANGE ERROR', exchange: 'FAILED', points: 'none' },
  { status: 'APPROVED', exchange: 'EXCHANGED', points: 'USED' },
];

const AMOUNT = 100;
/** 100 x 1.15. */
const PRICE = 115;
const PAID = 1_000;

/** Orders 1 to 5 of jjy, who opened an account with 1000 points and paid in 1000 more; no fault. */
export function goodRun(): GoodRun {
  const run = { history: emptyHistory(), state: emptyState(1) };
  addPayments(run);
  ORDERS.forEach((told, i) => {
    addOrder(run, i + 1, told);
  });
  const used = 2 * PRICE;
  const points = { point: 2 * PAID - used, deposited: 2 * PAID, used, usedArchived: 0 };
  run.state.accounts.set('jjy', { userId: 'jjy', ...points, createdAt: STARTED_AT });
  for (const group of GROUPS) {
    const names = { consumers: [`${group}-1`], live: [`${group}-1`] };
    run.state.groups.push({ partition: 0, group, pending: 0, unread: 0, retries: 0, ...names });
  }
  addIndexes(run.state);
  return run;
}

/** A kill of Redis that may have taken what was written in its last second. */
export const lossyKill = (): FaultRecord => ({
  kind: 'fault',
  ...{ name: 'tail lost', detail: '', from: KILLED_AT, to: KILLED_AT + 500, returnMs: 1_000, outage: 'redis' },
  killed: { at: KILLED_AT, lostFrom: KILLED_AT - 1_000 },
});

/** Another order, approved at once, of `createdAt`. */
export const addApproved = (run: GoodRun, id: number, createdAt: number): void => {
  addOrder(run, id, { status: 'APPROVED', exchange: 'EXCHANGED', points: 'USED' }, createdAt);
  const account = run.state.accounts.get('jjy');
  if (account) Object.assign(account, { point: account.point - PRICE, used: account.used + PRICE });
  addIndexes(run.state);
};

/** Takes every trace of an order out of Redis, as a loss would. */
export function loseOrder({ state }: GoodRun, id: number): void {
  const account = state.accounts.get('jjy');
  const used = state.transactions.get(id)?.status === 'USED' ? PRICE : 0;
  if (account) Object.assign(account, { point: account.point + used, used: account.used - used });
  for (const records of [state.orders, state.exchanges, state.transactions, state.deadlines]) records.delete(id);
  for (const [request, made] of state.orderRequests) if (made === id) state.orderRequests.delete(request);
  state.log = state.log.filter(({ orderId }) => orderId !== id);
  addIndexes(state);
}

function addPayments({ history, state }: GoodRun): void {
  const payments = [
    { key: 'open-1', route: 'POST /points', status: 201 },
    { key: 'deposit-1', route: 'POST /points/:userId/deposits', status: 200 },
  ];
  for (const { key, route, status } of payments) {
    const times = { sentAt: STARTED_AT, answeredAt: STARTED_AT + 5, status };
    history.payments.set(key, [{ kind: 'payment', key, route, userId: 'jjy', point: PAID, ...times }]);
    state.paymentRequests.add(digest(route, 'jjy', key));
  }
}

function addOrder(run: GoodRun, id: number, told: Told, createdAt = STARTED_AT + id * 1_000): void {
  const { history, state } = run;
  const key = `order-${id}`;
  const deadline = createdAt + DEADLINE_MS;
  const late = told.status === 'REJECTED DUE TO DEADLINE';
  const settledAt = late ? deadline + 20 : createdAt + 30;
  const body = { holderId: 'jjy', currencyId: 'taxed', amount: AMOUNT };
  const times = { sentAt: createdAt - 3, answeredAt: createdAt + 4 };
  history.orders.set(key, [{ kind: 'order', key, ...body, ...times, status: 201, order: { id, createdAt } }]);
  history.reads.push({ kind: 'read', ...times, status: 200, order: { id, createdAt }, orderStatus: told.status });
  state.orderRequests.set(digest('POST /orders', 'jjy', key), id);
  state.orders.set(id, { id, ...body, status: told.status, createdAt, deadline, settledAt });
  state.deadlines.set(id, {
    ...{ orderId: id, status: late ? 'REACHED' : 'CANCELLED', startedTime: createdAt, deadline },
    reachedAt: late ? deadline + 10 : undefined,
  });
  const priced = told.exchange !== 'FAILED';
  state.exchanges.set(id, {
    ...{ orderId: id, status: told.exchange, userId: 'jjy', currencyId: 'taxed', amount: AMOUNT, at: createdAt + 10 },
    ...{ rate: priced ? 1_150_000 : undefined, point: priced ? PRICE : undefined, reason: undefined },
  });
  const moves = told.points === 'USED' || told.points === 'REFUNDED';
  if (told.points !== 'none') {
    const transaction = { orderId: id, userId: 'jjy', pointUsed: moves ? PRICE : 0, status: told.points };
    state.transactions.set(id, { ...transaction, reason: undefined, at: createdAt + 20 });
  }
  const add = (type: EventType, timestamp: number, moved?: number) => {
    const event = { id: `${timestamp}-${state.log.length}`, type, orderId: id, timestamp, deadline };
    state.log.push({ ...event, ...(moved !== undefined && { moved }) });
  };
  add('OrderCreated', createdAt);
  add(priced ? 'ExchangeSucceed' : 'ExchangeFailed', createdAt + 10);
  if (moves) add('PointUsed', createdAt + 20, PRICE);
  if (told.points === 'FAILED') add('PointUseFailed', createdAt + 20);
  if (late) add('DeadlineReached', deadline + 10);
  add(told.status === 'APPROVED' ? 'OrderPlaced' : 'OrderRejected', settledAt);
  if (told.exchange === 'COMPENSATED') add('ExchangeCompensated', settledAt + 10);
  if (told.points === 'REFUNDED') add('PointUseCompensated', settledAt + 20, PRICE);
}

function addIndexes(state: State): void {
  state.indexes = [];
  for (const kind of ['orders', 'exchanges', 'transactions'] as const) {
    for (const [id, { status }] of state[kind]) {
      const known = state.indexes.find((index) => index.of === kind && index.status === status);
      if (known) known.ids.push(id);
      else state.indexes.push({ of: kind, status, ids: [id] });
    }
  }
}
