import { REJECTION_REASONS } from 'common/events/catalog';
import { expect, test } from 'vitest';
import { ORDER_STATUSES } from './order.ts';
import { transitions } from './transitions.ts';

// Goal: the table says of every event in every settled state whether it is a duplicate or a contradiction.
const SAYS = {
  PointUsed: 'APPROVED',
  PointUseFailed: 'REJECTED DUE TO POINT LIMIT',
  ExchangeFailed: 'REJECTED DUE TO EXCHANGE ERROR',
  DeadlineReached: 'REJECTED DUE TO DEADLINE',
} as const;

test.each(Object.entries(SAYS))('%s: a duplicate at %s alone, a note at every other end', (on, said) => {
  for (const from of ORDER_STATUSES.filter((status) => status !== 'PENDING')) {
    const row = transitions.rows.find((each) => each.on === on && each.from === from);
    if (from === said) expect(row).toBeUndefined();
    else expect(row).toEqual({ on, from, to: from, notes: 'ALREADY_SETTLED' });
  }
});

test('an order leaves PENDING once: nothing leads out of a settled state', () => {
  const leaving = transitions.rows.filter((row) => row.from !== row.to);
  expect(new Set(leaving.map((row) => row.from))).toEqual(new Set(['none', 'PENDING']));
});

test('the statuses of the table are those of the API, and each rejection has its reason in the language', () => {
  expect(transitions.states).toEqual(ORDER_STATUSES);
  const reasons = ORDER_STATUSES.flatMap((status) => /^REJECTED DUE TO (.+)$/.exec(status)?.[1] ?? []);
  expect(new Set(reasons)).toEqual(new Set(REJECTION_REASONS));
});
