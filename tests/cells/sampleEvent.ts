import type { EventType } from 'common/events/catalog';

/** A holder whose name no format string and no split at spaces may touch. */
export const HOLDER = 'jjy %d';
export const AMOUNT = '500';
export const RATE = '1000000';
export const POINT = '500';

/** The fields of each event that are its own, as the services emit them for one order. */
export const OWN_FIELDS: Readonly<Record<EventType, Readonly<Record<string, string>>>> = {
  OrderCreated: { holderId: HOLDER, currencyId: '1', amount: AMOUNT },
  OrderPlaced: { holderId: HOLDER },
  OrderRejected: { holderId: HOLDER, currencyId: '1', amount: AMOUNT, reason: 'DEADLINE' },
  ExchangeSucceed: { userId: HOLDER, currencyId: '1', amount: AMOUNT, rate: RATE, point: POINT },
  ExchangeFailed: { userId: HOLDER, reason: 'SUSPENDED' },
  ExchangeCompensated: { userId: HOLDER, point: POINT },
  PointUsed: { userId: HOLDER, pointUsed: POINT, point: '9500' },
  PointUseFailed: { userId: HOLDER, reason: 'INSUFFICIENT_POINTS', point: '20' },
  PointUseCompensated: { userId: HOLDER, pointRefunded: POINT, point: '10000' },
  DeadlineReached: { lateMs: '3' },
};
