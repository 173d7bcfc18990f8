import type { Mutant } from './mutant.ts';

/** As the original did, which has no index to clean up. */
const REFUND_DELETES = [
  {
    file: 'refundPoints',
    shipped: "{ 'HSET', transactionKey(event.orderId), 'status', 'REFUNDED' }",
    planted: "{ 'DEL', transactionKey(event.orderId) }",
  },
  { file: 'refundPoints', shipped: "{ 'ZADD', statusIndexKey('REFUNDED'), at, member }", planted: "{ 'PING' }" },
];

const OPEN = "if order.status ~= 'PENDING' then";

/** Records that are not looked at before they are written. */
export const STATUS_FAULTS: readonly Mutant[] = [
  {
    name: 'approveUnseen',
    about: 'order approves without looking at the status',
    faults: {
      edits: [{ file: 'settle', shipped: OPEN, planted: `${OPEN.slice(0, -5)} and wanted ~= 'APPROVED' then` }],
    },
    scene: 'one',
    caught: /I1: order 1 was settled 2 times/,
    story: [/point drains ExchangeSucceed/, /at the deadline/, /order sweeps/, /order drains PointUsed/],
    steps: 6,
  },
  {
    name: 'rejectUnguarded',
    about: 'order rejects without looking at the status',
    faults: {
      edits: [{ file: 'settle', shipped: OPEN, planted: `${OPEN.slice(0, -5)} and wanted == 'APPROVED' then` }],
    },
    scene: 'one',
    caught: /I1: order 1 was settled 2 times/,
    story: [/point drains ExchangeSucceed/, /at the deadline/, /wake-up/, /order drains all that waits/],
    steps: 6,
  },
  {
    name: 'refundDeletes',
    about: 'point deletes the transaction that it refunds',
    faults: {
      edits: REFUND_DELETES,
    },
    scene: 'one',
    budget: { copies: 1, stepsBack: 1, lastMoment: 1 },
    byInvariants: true,
    caught: /I4: points were taken 2 times for order 1/,
    story: [/at the deadline/, /steps back/, /ExchangeSucceed 1 5 is delivered again/, /point drains all that waits/],
    steps: 8,
  },
  {
    name: 'refundLeavesNothing',
    about: 'point deletes the transaction that it refunds, and no event comes twice',
    faults: {
      edits: REFUND_DELETES,
    },
    scene: 'one',
    caught: /none of the scene's: REJECTED DUE TO DEADLINE \/ COMPENSATED \/ none/,
    story: [/point drains ExchangeSucceed/, /at the deadline/, /point drains ExchangeCompensated/],
    steps: 7,
  },
  {
    name: 'earlyCancelDropped',
    about: 'exchange drops an OrderRejected that comes before its OrderCreated',
    faults: {
      edits: [
        { file: 'compensateExchange', shipped: "if status ~= 'none' then", planted: "if status ~= 'EXCHANGED' then" },
      ],
    },
    scene: 'one',
    budget: { stepsBack: 1, handBacks: 1, lastMoment: 2 },
    byInvariants: true,
    caught: /I2: order 1 is REJECTED DUE TO DEADLINE, exchange EXCHANGED/,
    story: [/exchange hands OrderCreated 1 back/, /exchange drains OrderRejected/, /steps back/, /exchange handles/],
    steps: 11,
  },
  {
    name: 'earlyRefundDropped',
    about: 'point drops an ExchangeCompensated that comes before its ExchangeSucceed',
    faults: {
      edits: [{ file: 'refundPoints', shipped: "if status ~= 'none' then", planted: "if status ~= 'USED' then" }],
    },
    scene: 'one',
    budget: { stepsBack: 1, handBacks: 1, lastMoment: 2 },
    byInvariants: true,
    caught: /I2: order 1 is REJECTED DUE TO DEADLINE, exchange COMPENSATED, points USED|I2: order 1 was REJECTED/,
    story: [/steps back/, /point hands ExchangeSucceed 1 5 back/, /point drains ExchangeCompensated/, /point handles/],
    steps: 11,
  },
  {
    name: 'balanceFirst',
    about: 'point looks at the balance before it looks at the transaction',
    faults: {
      edits: [
        {
          file: 'usePoints',
          shipped: "  if status ~= 'none' then",
          planted: `  local purse = readAccount(event.userId)
  if purse and purse.point < tonumber(event.point) then
    return failedUse(event, 'INSUFFICIENT_POINTS', purse.point)
  end
  if status ~= 'none' then`,
        },
      ],
    },
    scene: 'one',
    budget: { copies: 1 },
    caught: /I5: used 5, transactions hold 0/,
    story: [/ExchangeSucceed 1 5 is delivered again/, /point drains all that waits/],
    steps: 3,
  },
];
