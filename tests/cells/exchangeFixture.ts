import { exchangeActor, exchangeSettings } from 'exchange/actor';
import { exchangeKey, ratesKey, statusIndexKey } from 'exchange/keys';
import { setRate } from 'exchange/rates';
import { exchangeSweep, sweepExchanges } from 'exchange/scripts/sweepExchanges';
import { expect } from 'vitest';
import type { CellFixture } from './cellFixture.ts';
import { AMOUNT, HOLDER, POINT, RATE } from './sampleEvent.ts';
import type { World } from './world.ts';

const STATES = ['EXCHANGED', 'FAILED', 'VOIDED', 'COMPENSATED'] as const;
const at = expect.stringMatching(/^17\d{11}$/);

const rate =
  (millionths: number, suspended = false) =>
  (world: World) =>
    setRate(world.base, { currencyId: '1', millionths, suspended });

/** What the cells need to know about the exchange service. */
export const exchangeFixture: CellFixture = {
  service: 'exchange',
  actor: exchangeActor,
  settings: exchangeSettings,
  guards: {
    priced: [
      { name: 'without a rate', now: ({ createdAt }) => createdAt + 5 },
      { name: 'with a rate, 1 ms before the deadline', now: ({ deadline }) => deadline - 1, arrange: rate(1_000_000) },
    ],
    unpriced: [
      { name: 'suspended', now: ({ deadline }) => deadline - 1, arrange: rate(1_000_000, true) },
      { name: 'priced at 0', now: ({ createdAt }) => createdAt, arrange: rate(0) },
      {
        name: 'priced above 2^53 - 1',
        now: ({ createdAt }) => createdAt,
        arrange: rate(1_000_000_000),
        fields: { amount: '9007199254740991' },
      },
    ],
    late: [
      { name: 'at the deadline', now: ({ deadline }) => deadline },
      { name: 'after it, suspended', now: ({ deadline }) => deadline + 1, arrange: rate(1_000_000, true) },
    ],
    fresh: [
      { name: 'early', now: ({ createdAt }) => createdAt + 7 },
      { name: '1 ms before the bound', now: ({ deadline, retentionMs }) => deadline + retentionMs / 2 - 1 },
    ],
    stale: [
      { name: 'at the bound', now: ({ deadline, retentionMs }) => deadline + retentionMs / 2 },
      { name: 'after it', now: ({ deadline, retentionMs }) => deadline + retentionMs / 2 + 1 },
    ],
  },
  recordKey: ({ tag, orderId }) => exchangeKey(tag, orderId),
  records: (world) => {
    const owned = { userId: HOLDER, deadline: String(world.deadline), at };
    const priced = { ...owned, currencyId: '1', amount: AMOUNT, rate: RATE, point: POINT };
    return {
      EXCHANGED: { ...priced, status: 'EXCHANGED' },
      COMPENSATED: { ...priced, status: 'COMPENSATED' },
      FAILED: {
        ...owned,
        status: 'FAILED',
        currencyId: '1',
        amount: expect.stringMatching(/^(500|9007199254740991)$/),
        reason: expect.stringMatching(/^(SUSPENDED|INVALID_PRICE)$/),
      },
      VOIDED: { ...owned, status: 'VOIDED' },
    };
  },
  statusIndex: {
    key: ({ tag }, state) => statusIndexKey(tag, state),
    member: ({ orderId }) => String(orderId).padStart(16, '0'),
    score: 'at',
  },
  keys: ({ tag, orderId }) => [
    exchangeKey(tag, orderId),
    ratesKey(tag),
    ...STATES.map((state) => statusIndexKey(tag, state)),
  ],
  scripts: [sweepExchanges],
  sweeps: ({ base, retentionMs }) =>
    Object.fromEntries(STATES.map((state) => [state, exchangeSweep(base, state, retentionMs)])),
};
