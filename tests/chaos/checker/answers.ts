import type { History } from '../history.ts';
import { lossAt, lossesOf } from './losses.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

/** 503: later. 504: the gateway waited in vain. 0: no answer. */
const LATER = [0, 503, 504];
/** How long an answer that Redis has given may be on its way. */
const ANSWER_MS = 2_000;

/** Clients were told nothing but what is true, or to come back later; a settled order that one saw is still the same. */
export function checkAnswers(history: History, state: State): Violation[] {
  const violations: Violation[] = [];
  const expect = (
    who: string,
    attempts: readonly { status: number; error?: string }[],
    statuses: readonly number[],
  ) => {
    for (const { status } of attempts.filter((attempt) => ![...statuses, ...LATER].includes(attempt.status))) {
      violations.push({ rule: 'answers', who, what: `was answered ${status}` });
    }
  };
  const losses = lossesOf(history);
  for (const [key, attempts] of history.orders) expect(key, attempts, [201]);
  for (const [key, attempts] of history.payments) expect(key, attempts, [200, 201]);
  for (const read of history.reads) {
    const { order, orderStatus, status, answeredAt } = read;
    const lost = lossAt(losses, order.createdAt) !== undefined;
    expect(`GET of order ${order.id}`, [read], lost ? [200, 404] : [200]);
    const now = state.orders.get(order.id);
    const isSame = status === 200 && orderStatus !== undefined && now?.createdAt === order.createdAt;
    // What was seen settled in the lost stretch may have been settled again, and otherwise.
    const unsettled = losses.some(({ from, to }) => answeredAt >= from && answeredAt <= to + ANSWER_MS);
    if (isSame && orderStatus !== 'PENDING' && orderStatus !== now.status && !unsettled) {
      violations.push({
        rule: 'terminal',
        who: `order ${order.id}`,
        what: `was seen ${orderStatus}, is ${now.status}`,
      });
    }
  }
  return violations;
}
