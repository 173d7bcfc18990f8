import type { History } from '../history.ts';
import { checkAccepted } from './accepted.ts';
import { checkAgreement } from './agreement.ts';
import { checkAnswers } from './answers.ts';
import { checkConservation } from './conservation.ts';
import { checkDelays, type Delays } from './delays.ts';
import { checkDrained } from './drained.ts';
import { checkEvents } from './events.ts';
import { checkFull } from './full.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

export type Verdict = {
  violations: Violation[];
  /** Requests that were answered 201, and of their orders those that a loss of Redis took, as it may. */
  answered: number;
  lost: number;
  /** How long before Redis' death the oldest of these had been placed. */
  lostMsMax: number;
  /** Orders that were settled while Redis was at its `maxmemory`, of those that were under way then. */
  settledFull: number;
  /** Records of every service by status. */
  statuses: Map<string, number>;
  delays: Omit<Delays, 'violations'>;
};

/** Holds what clients and Redis tell after a run against everything that must be true. */
export function check(history: History, state: State): Verdict {
  const accepted = checkAccepted(history, state);
  const { violations: late, ...delays } = checkDelays(history, state);
  const full = checkFull(history, state);
  const statuses = new Map<string, number>();
  const count = (status: string) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
  for (const { status } of state.orders.values()) count(`order ${status}`);
  for (const { status } of state.exchanges.values()) count(`exchange ${status}`);
  for (const { status } of state.transactions.values()) count(`points ${status}`);
  for (const { status } of state.deadlines.values()) count(`deadline ${status}`);
  const violations = [
    ...accepted.violations,
    ...checkAgreement(state),
    ...checkConservation(history, state),
    ...checkEvents(state),
    ...late,
    ...full.violations,
    ...checkDrained(state),
    ...checkAnswers(history, state),
    ...history.crashes.map((what): Violation => ({ rule: 'no crash', who: 'service', what })),
  ];
  const { violations: _, ...counts } = accepted;
  return { ...counts, violations, statuses, delays, settledFull: full.settled };
}
