import { transitionTable } from 'common/transitions/table';

/** What the deadline service does: remembers when an order's time is over, and says so unless the order was settled before. */
export const transitions = transitionTable({
  actor: 'deadline',
  entity: 'deadline',
  states: ['SCHEDULED', 'CANCELLED', 'REACHED'],
  commands: { due: 'a wake-up, or the sweep over due' },
  guards: { reached: 'now >= deadline' },
  rows: [
    { on: 'OrderCreated', from: 'none', to: 'SCHEDULED' },
    { on: 'OrderPlaced', from: 'SCHEDULED', to: 'CANCELLED' },
    { on: 'OrderPlaced', from: 'none', to: 'CANCELLED' },
    { on: 'OrderRejected', from: 'SCHEDULED', to: 'CANCELLED' },
    { on: 'OrderRejected', from: 'none', to: 'CANCELLED' },
    { on: 'due', from: 'SCHEDULED', when: 'reached', to: 'REACHED', emits: 'DeadlineReached' },
  ],
  compensations: [],
});
