import { transitionTable } from 'common/transitions/table';

/** What the point service does: takes an order's points at most once, and gives them back at most once. */
export const transitions = transitionTable({
  actor: 'point',
  entity: 'transaction',
  states: ['USED', 'FAILED', 'VOIDED', 'REFUNDED'],
  commands: {},
  guards: {
    enough: 'now < deadline, balance >= point',
    short: 'now < deadline, balance < point or no account',
    late: 'now >= deadline',
    fresh: 'now < deadline + retention / 2',
    stale: 'now >= deadline + retention / 2',
  },
  rows: [
    { on: 'ExchangeSucceed', from: 'none', when: 'enough', to: 'USED', emits: 'PointUsed' },
    { on: 'ExchangeSucceed', from: 'none', when: 'short', to: 'FAILED', emits: 'PointUseFailed' },
    { on: 'ExchangeSucceed', from: 'none', when: 'late', to: 'none', notes: 'EXPIRED' },
    { on: 'ExchangeSucceed', from: 'VOIDED', to: 'VOIDED', notes: 'VOIDED' },
    { on: 'ExchangeCompensated', from: 'USED', to: 'REFUNDED', emits: 'PointUseCompensated' },
    { on: 'ExchangeCompensated', from: 'none', when: 'fresh', to: 'VOIDED' },
    { on: 'ExchangeCompensated', from: 'none', when: 'stale', to: 'none', dead: 'STALE' },
  ],
  compensations: ['ExchangeCompensated'],
});
