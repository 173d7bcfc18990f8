import type { Edit } from '../kit/plantedRunner.ts';

/** A mistake that somebody could make: a few words of one Lua file, others in their place. */
export type Fault = Edit & {
  name: string;
  /** What is found to be broken. */
  breaks: RegExp;
  /** A seed whose first stories find it: rare ones need luck or time. */
  seed: number;
};

/** Planted to see whether the simulation notices; never a part of what is shipped. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'a refund that comes twice is paid twice',
    file: 'refundPoints',
    shipped: "  if status == 'USED' then",
    planted: "  if status == 'USED' or status == 'REFUNDED' then",
    breaks: /I4|I5|does not add up/,
    seed: 6,
  },
  {
    name: 'an order is settled without a look at its status',
    file: 'settle',
    shipped: "  if order.status ~= 'PENDING' then",
    planted: '  if false then',
    breaks: /I1/,
    seed: 1,
  },
  {
    name: 'points are taken without a look at what was taken',
    file: 'usePoints',
    shipped: "  if status ~= 'none' then",
    planted: "  if status == 'VOIDED' then",
    breaks: /I4/,
    seed: 1,
  },
  {
    name: 'points are taken at the very deadline',
    file: 'usePoints',
    shipped: '  if now >= tonumber(event.deadline) then',
    planted: '  if now > tonumber(event.deadline) then',
    breaks: /I3: PointUsed/,
    seed: 16,
  },
  {
    name: 'a compensation that comes before its action is dropped',
    file: 'compensateExchange',
    shipped: "  if status ~= 'none' then",
    planted: '  if true then',
    breaks: /I2/,
    seed: 6,
  },
  {
    name: 'a refund takes its points from the balance instead of giving them back',
    file: 'refundPoints',
    shipped: '      movePoints(userId, account, -refund),',
    planted: '      movePoints(userId, account, refund),',
    breaks: /I5/,
    seed: 1,
  },
  {
    name: 'a settled order keeps its deadline running',
    file: 'cancel',
    shipped: "  if status ~= 'SCHEDULED' and status ~= 'none' then",
    planted: "  if status ~= 'none' then",
    breaks: /I8/,
    seed: 1,
  },
  {
    name: 'of two transactions that are swept together only one is archived',
    file: 'sweepTransactions',
    shipped: '(archived[userId] or account.usedArchived)',
    planted: 'account.usedArchived',
    breaks: /I5: .* archived/,
    seed: 1,
  },
  {
    name: 'the points of a refunded transaction are archived as used',
    file: 'sweepTransactions',
    shipped: "if status == 'USED' then",
    planted: "if status == 'USED' or status == 'REFUNDED' then",
    breaks: /I5|does not add up/,
    seed: 6,
  },
  {
    name: 'orders are swept at their deadline, not after the retention',
    file: 'sweepOrders',
    shipped: 'tonumber(order.deadline) + retentionMs <= now',
    planted: 'tonumber(order.deadline) <= now',
    breaks: /I1: the order of order \d+ was .* and is none/,
    seed: 1,
  },
  {
    name: 'the log is trimmed by one entry too many',
    file: 'trimLog',
    shipped: 'passed[2] + 1',
    planted: 'passed[2] + 2',
    breaks: /I6: what \w+ needs was trimmed away/,
    seed: 1,
  },
  {
    name: 'an index goes on listing what has changed',
    file: 'cancel',
    shipped: "      { 'ZREM', dueKey, member },\n",
    planted: '',
    breaks: /the index of deadlines to come lists/,
    seed: 1,
  },
  {
    name: 'an event says another deadline than the order has',
    file: 'sweepPending',
    shipped: 'apply(plan, orderId, order.deadline, nil)',
    planted: 'apply(plan, orderId, writeInteger(now), nil)',
    breaks: /OrderRejected says that the deadline/,
    seed: 1,
  },
  {
    name: 'an entry that is done waits for its retry all the same',
    file: 'handle',
    shipped: "redis.call('ZREM', retry, id)\n",
    planted: '',
    breaks: /retries of \w+ are left/,
    seed: 1,
  },
  {
    name: 'a dead letter is sent again as often as somebody likes',
    file: 'redrive',
    shipped: "redis.call('XDEL', dead, id)\n",
    planted: '',
    breaks: /REDRIVEN the second time/,
    seed: 1,
  },
];
