import { hash } from 'node:crypto';
import type { Order } from 'order/order';
import type { History, OrderAttempt } from '../history.ts';
import { type Loss, lossAt, lossesOf } from './losses.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

type Answered = OrderAttempt & { order: { id: number; createdAt: number } };

export type Accepted = { violations: Violation[]; answered: number; lost: number; lostMsMax: number };

/**
 * Every order that was answered 201 exists, as it was answered, once for each key; only what a loss of Redis may have
 * taken is missing, and then everything after it too.
 */
export function checkAccepted(history: History, state: State): Accepted {
  const losses = lossesOf(history);
  const violations: Violation[] = [];
  const missing: { attempt: Answered; loss: Loss }[] = [];
  let answered = 0;
  for (const [key, attempts] of history.orders) {
    const first = new Map(attempts.filter(isAnswered).map((attempt) => [identity(attempt.order), attempt]));
    answered += first.size > 0 ? 1 : 0;
    const kept = [...first.values()].filter((attempt) => isKept(state, attempt));
    if (kept.length > 1) violations.push({ rule: 'once', who: key, what: `made orders ${names(kept)}` });
    for (const attempt of first.values()) {
      if (isKept(state, attempt)) continue;
      const loss = lossAt(losses, attempt.order.createdAt);
      if (loss) missing.push({ attempt, loss });
      else violations.push({ rule: 'accepted', who: `order ${attempt.order.id}`, what: missingText(state, attempt) });
    }
  }
  violations.push(...holes(state, missing), ...requests(history, state));
  const lostMs = missing.map(({ attempt: { order }, loss }) => loss.wroteUntil - order.createdAt);
  return { violations, answered, lost: missing.length, lostMsMax: lostMs.reduce((a, b) => Math.max(a, b), 0) };
}

const isAnswered = (attempt: OrderAttempt): attempt is Answered => attempt.order !== undefined;
const identity = ({ id, createdAt }: { id: number; createdAt: number }) => `${id} of ${createdAt}`;
const names = (attempts: readonly Answered[]) => attempts.map(({ order }) => order.id).join(' and ');

function isKept({ orders }: State, { order, holderId, currencyId, amount }: Answered): boolean {
  const kept = orders.get(order.id);
  return (
    kept?.createdAt === order.createdAt &&
    kept.holderId === holderId &&
    kept.currencyId === currencyId &&
    kept.amount === amount
  );
}

function missingText({ orders }: State, { key, order, holderId, amount, currencyId }: Answered): string {
  const kept = orders.get(order.id);
  const asked = `${amount} ${currencyId} of ${holderId}, created at ${order.createdAt}`;
  return `answered 201 to ${key} (${asked}), and ${kept ? `is ${JSON.stringify(kept)}` : 'is not there'}`;
}

/** A loss takes everything of a partition from some moment on: an order after a missing one shows that it did not. */
function holes({ orders, partitions }: State, missing: readonly { attempt: Answered; loss: Loss }[]): Violation[] {
  const firsts = new Map<string, { attempt: Answered; loss: Loss }>();
  for (const each of missing) {
    const place = `${each.loss.to} ${(each.attempt.order.id - 1) % partitions}`;
    const known = firsts.get(place);
    if (!known || each.attempt.order.id < known.attempt.order.id) firsts.set(place, each);
  }
  if (firsts.size === 0) return [];
  const later = ({ id, createdAt }: Order) =>
    [...firsts.values()].find(
      ({ attempt: { order }, loss }) =>
        (id - order.id) % partitions === 0 && id > order.id && createdAt >= order.createdAt && createdAt <= loss.to,
    );
  return [...orders.values()].flatMap((order) => {
    const before = later(order);
    const what = `is there, and order ${before?.attempt.order.id} before it was lost`;
    return before ? [{ rule: 'suffix' as const, who: `order ${order.id}`, what }] : [];
  });
}

/** Every order was made by exactly one request that a client has sent. */
function requests({ orders: asked }: History, { orders, orderRequests }: State): Violation[] {
  const known = new Map<string, string>();
  for (const [key, [attempt]] of asked) {
    if (attempt) known.set(hash('sha256', ['POST /orders', attempt.holderId, key].join('\n'), 'hex'), key);
  }
  const makers = new Map<number, string>();
  const violations: Violation[] = [];
  for (const [digest, orderId] of orderRequests) {
    const key = known.get(digest);
    const other = makers.get(orderId);
    if (key === undefined)
      violations.push({ rule: 'once', who: `order ${orderId}`, what: 'no client has asked for it' });
    if (other !== undefined) {
      violations.push({ rule: 'once', who: `order ${orderId}`, what: `answers two requests: ${other} and ${key}` });
    }
    if (!orders.has(orderId))
      violations.push({ rule: 'once', who: `${key}`, what: `made order ${orderId}, not there` });
    makers.set(orderId, key ?? digest);
  }
  for (const id of orders.keys()) {
    if (!makers.has(id)) violations.push({ rule: 'once', who: `order ${id}`, what: 'no request has made it' });
  }
  return violations;
}
