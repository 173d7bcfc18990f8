import { transitionTable } from 'common/transitions/table';

/** What the exchange service does: prices an order once, and takes the exchange back when the order is rejected. */
export const transitions = transitionTable({
  actor: 'exchange',
  entity: 'exchange',
  states: ['EXCHANGED', 'FAILED', 'VOIDED', 'COMPENSATED'],
  commands: {},
  guards: {
    priced: 'now < deadline, rate and price valid',
    unpriced: 'now < deadline, suspended or price invalid',
    late: 'now >= deadline',
    fresh: 'now < deadline + retention / 2',
    stale: 'now >= deadline + retention / 2',
  },
  rows: [
    { on: 'OrderCreated', from: 'none', when: 'priced', to: 'EXCHANGED', emits: 'ExchangeSucceed' },
    { on: 'OrderCreated', from: 'none', when: 'unpriced', to: 'FAILED', emits: 'ExchangeFailed' },
    { on: 'OrderCreated', from: 'none', when: 'late', to: 'none', notes: 'EXPIRED' },
    { on: 'OrderCreated', from: 'VOIDED', to: 'VOIDED', notes: 'VOIDED' },
    { on: 'OrderRejected', from: 'EXCHANGED', to: 'COMPENSATED', emits: 'ExchangeCompensated' },
    { on: 'OrderRejected', from: 'none', when: 'fresh', to: 'VOIDED' },
    { on: 'OrderRejected', from: 'none', when: 'stale', to: 'none', dead: 'STALE' },
  ],
  compensations: ['OrderRejected'],
});
