import { expect, test } from 'vitest';
import { isSettled, orderOf, shownOrder } from './order.ts';

const stored = {
  status: 'PENDING',
  holderId: 'jjy',
  currencyId: '1',
  amount: '9007199254740991',
  createdAt: '1700000000000',
  deadline: '1700000010000',
};

test('an open order: numbers are numbers, times are ISO 8601, and there is no settledAt', () => {
  const order = orderOf(7, stored);
  expect(isSettled(order)).toBe(false);
  expect(JSON.parse(JSON.stringify(shownOrder(order)))).toEqual({
    id: 7,
    holderId: 'jjy',
    currencyId: '1',
    amount: Number.MAX_SAFE_INTEGER,
    status: 'PENDING',
    createdAt: '2023-11-14T22:13:20.000Z',
    deadline: '2023-11-14T22:13:30.000Z',
  });
});

test('a settled order says when', () => {
  const order = orderOf(7, { ...stored, status: 'APPROVED', settledAt: '1700000000250' });
  expect(isSettled(order)).toBe(true);
  expect(shownOrder(order)).toMatchObject({ status: 'APPROVED', settledAt: '2023-11-14T22:13:20.250Z' });
});
