import type { History } from '../history.ts';
import type { State } from './state.ts';
import type { Violation } from './violation.ts';

const LATE_MS_MAX = 1_000;

type Span = { from: number; to: number };

export type Delays = {
  violations: Violation[];
  /** Orders that were settled after their deadline. */
  after: number;
  /** The longest time from a deadline to the settling, in ms: as it was, and without outages. */
  maxMs: number;
  maxUpMs: number;
};

/** Every order is settled by its deadline + 1 s of uptime: outages of Redis and of the order service do not count. */
export function checkDelays(history: History, state: State): Delays {
  const spans = outages(history);
  const result: Delays = { violations: [], after: 0, maxMs: 0, maxUpMs: 0 };
  for (const { id, deadline, settledAt } of state.orders.values()) {
    if (settledAt === undefined || settledAt <= deadline) continue;
    const delayMs = settledAt - deadline;
    const upMs = delayMs - overlap(spans, deadline, settledAt);
    result.after += 1;
    result.maxMs = Math.max(result.maxMs, delayMs);
    result.maxUpMs = Math.max(result.maxUpMs, upMs);
    if (upMs > LATE_MS_MAX) {
      const what = `settled ${delayMs} ms after its deadline, of which ${upMs} ms without an outage`;
      result.violations.push({ rule: 'settled in time', who: `order ${id}`, what });
    }
  }
  return result;
}

/** When settling could not go on: every outage with the time in which connections come back, merged and in order. */
function outages({ faults, stalls }: History): Span[] {
  const spans: Span[] = faults
    .filter(({ outage }) => outage !== undefined)
    .map(({ from, to, returnMs }) => ({ from, to: to + returnMs }))
    .concat(stalls.map(({ from, to }) => ({ from, to })))
    .sort((a, b) => a.from - b.from);
  const merged: Span[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  return merged;
}

function overlap(spans: readonly Span[], from: number, to: number): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
}
