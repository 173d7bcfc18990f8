import { hash } from 'node:crypto';
import type { History, PaymentAttempt } from '../history.ts';
import { lossesOf, mayBeLost } from './losses.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

/** I5: to the point. What was answered is paid in, and nothing else is; what is used is what transactions have used. */
export function checkConservation(history: History, state: State): Violation[] {
  const losses = lossesOf(history);
  const violations: Violation[] = [];
  const paid = new Map<string, number>();
  for (const [key, attempts] of history.payments) {
    const [attempt] = attempts;
    if (!attempt) continue;
    if (state.paymentRequests.has(digestOf(attempt))) {
      paid.set(attempt.userId, (paid.get(attempt.userId) ?? 0) + attempt.point);
    } else {
      const answered = attempts.find(({ status }) => status === 200 || status === 201);
      if (answered && !mayBeLost(losses, answered.sentAt, answered.answeredAt)) {
        const what = `${attempt.point} points of ${attempt.userId} were answered ${answered.status}, and are not in`;
        violations.push({ rule: 'conservation', who: key, what });
      }
    }
  }
  const used = new Map<string, number>();
  for (const { userId, status, pointUsed } of state.transactions.values()) {
    if (status === 'USED') used.set(userId, (used.get(userId) ?? 0) + pointUsed);
  }
  for (const userId of new Set([...paid.keys(), ...used.keys(), ...state.accounts.keys()])) {
    const wrong = accountFaults(state, userId, paid.get(userId) ?? 0, used.get(userId) ?? 0);
    violations.push(...wrong.map((what): Violation => ({ rule: 'conservation', who: userId, what })));
  }
  return violations;
}

const digestOf = ({ route, userId, key }: PaymentAttempt) => hash('sha256', [route, userId, key].join('\n'), 'hex');

function accountFaults({ accounts }: State, userId: string, paid: number, taken: number): string[] {
  const account = accounts.get(userId);
  if (!account) return [`has no account, paid ${paid} in and used ${taken}`];
  const { point, deposited, used, usedArchived } = account;
  const wrong: string[] = [];
  if (point < 0) wrong.push(`has ${point} points`);
  if (point !== deposited - used) wrong.push(`has ${point} points, deposited ${deposited} and used ${used}`);
  if (deposited !== paid) wrong.push(`deposited ${deposited}, requests paid ${paid} in`);
  if (used !== taken + usedArchived) wrong.push(`used ${used}, transactions ${taken}, archived ${usedArchived}`);
  return wrong;
}
