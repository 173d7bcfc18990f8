import { transitionTable } from 'common/transitions/table';

/** What the order service does: takes orders in, and settles each of them once. */
export const transitions = transitionTable({
  actor: 'order',
  entity: 'order',
  states: [
    'PENDING',
    'APPROVED',
    'REJECTED DUE TO POINT LIMIT',
    'REJECTED DUE TO DEADLINE',
    'REJECTED DUE TO EXCHANGE ERROR',
  ],
  commands: {
    'POST /orders': 'a client places an order',
    sweep: 'a timer of the order service, for orders that nobody else has settled',
  },
  guards: {
    newRequest: 'request key new',
    inTime: 'now < deadline',
    late: 'now >= deadline',
    overdue: 'now >= deadline + 500 ms',
  },
  rows: [
    { on: 'POST /orders', from: 'none', when: 'newRequest', to: 'PENDING', emits: 'OrderCreated' },
    { on: 'sweep', from: 'PENDING', when: 'overdue', to: 'REJECTED DUE TO DEADLINE', emits: 'OrderRejected' },

    { on: 'PointUsed', from: 'none', to: 'none', notes: 'UNKNOWN_ORDER' },
    { on: 'PointUsed', from: 'PENDING', when: 'inTime', to: 'APPROVED', emits: 'OrderPlaced' },
    { on: 'PointUsed', from: 'PENDING', when: 'late', to: 'REJECTED DUE TO DEADLINE', emits: 'OrderRejected' },
    ...alreadySettled('PointUsed', [
      'REJECTED DUE TO POINT LIMIT',
      'REJECTED DUE TO DEADLINE',
      'REJECTED DUE TO EXCHANGE ERROR',
    ]),

    { on: 'PointUseFailed', from: 'none', to: 'none', notes: 'UNKNOWN_ORDER' },
    { on: 'PointUseFailed', from: 'PENDING', to: 'REJECTED DUE TO POINT LIMIT', emits: 'OrderRejected' },
    ...alreadySettled('PointUseFailed', ['APPROVED', 'REJECTED DUE TO DEADLINE', 'REJECTED DUE TO EXCHANGE ERROR']),

    { on: 'ExchangeFailed', from: 'none', to: 'none', notes: 'UNKNOWN_ORDER' },
    { on: 'ExchangeFailed', from: 'PENDING', to: 'REJECTED DUE TO EXCHANGE ERROR', emits: 'OrderRejected' },
    ...alreadySettled('ExchangeFailed', ['APPROVED', 'REJECTED DUE TO POINT LIMIT', 'REJECTED DUE TO DEADLINE']),

    { on: 'DeadlineReached', from: 'none', to: 'none', notes: 'UNKNOWN_ORDER' },
    { on: 'DeadlineReached', from: 'PENDING', to: 'REJECTED DUE TO DEADLINE', emits: 'OrderRejected' },
    ...alreadySettled('DeadlineReached', ['APPROVED', 'REJECTED DUE TO POINT LIMIT', 'REJECTED DUE TO EXCHANGE ERROR']),
  ],
  compensations: [],
});

/** The settled states in which an event is no mere duplicate: it says something else than what was decided. */
function alreadySettled<const T extends string, const S extends string>(on: T, states: readonly S[]) {
  return states.map((state) => ({ on, from: state, to: state, notes: 'ALREADY_SETTLED' }) as const);
}
