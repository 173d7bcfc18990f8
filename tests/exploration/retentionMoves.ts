import { isDeepStrictEqual } from 'node:util';
import type { Sweep } from 'common/actor/retention';
import { trimLog } from 'common/actor/scripts/trimLog';
import { GROUPS, type Group, logKey } from 'common/events/keys';
import { deadlineSweep } from 'deadline/scripts/sweepDeadlines';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import { exchangeSweep } from 'exchange/scripts/sweepExchanges';
import { ORDER_STATUSES } from 'order/order';
import { orderSweep } from 'order/scripts/sweepOrders';
import { transactionSweep } from 'point/scripts/sweepTransactions';
import { TRANSACTION_STATUSES } from 'point/transaction';
import { CLOCK, RETENTION_MOMENT, RETENTION_MS } from './moments.ts';
import type { Budget, Move } from './move.ts';
import { concerns, type Seen, type SeenGroup, unreadOf } from './seen.ts';
import type { Worlds } from './world.ts';
import { clockKey } from './worldKeys.ts';

const accessOf = ({ redis, runner }: Worlds) => ({ connections: { commands: redis }, scripts: runner });

/** Each service's own sweeps of records, as its factory makes them. */
const SWEEPS: Readonly<Record<Group, (worlds: Worlds) => Sweep[]>> = {
  order: (worlds) => ORDER_STATUSES.slice(1).map((status) => orderSweep(accessOf(worlds), status, RETENTION_MS)),
  exchange: (worlds) => EXCHANGE_STATUSES.map((status) => exchangeSweep(accessOf(worlds), status, RETENTION_MS)),
  point: (worlds) => TRANSACTION_STATUSES.map((status) => transactionSweep(accessOf(worlds), status, RETENTION_MS)),
  deadline: (worlds) => [deadlineSweep(accessOf(worlds), RETENTION_MS)],
};

const OVER_MS = CLOCK[RETENTION_MOMENT].ms;
const BEFORE_MS = CLOCK[RETENTION_MOMENT - 1]?.ms ?? 0;

/**
 * The trimming of the log and each service's sweep of its records, in any order, as often as they like. While nothing is old
 * enough, they must find nothing: they come at the last moment before it is, in walks that go as far.
 */
export function retentionMoves(seen: Seen, budget: Budget): Move[] {
  if (seen.now >= OVER_MS) return [trimming(seen, budget), ...GROUPS.map((group) => sweeping(group, seen, budget))];
  return seen.now === BEFORE_MS && budget.lastMoment >= RETENTION_MOMENT ? [tooEarly(budget)] : [];
}

function tooEarly(budget: Budget): Move {
  return {
    label: 'a millisecond before the retention is over the log is trimmed, and every service sweeps its records',
    fair: false,
    harmless: true,
    budget,
    async run(worlds, tag) {
      // In a copy that is forgotten: the time before it is over is not worth states of its own.
      const [copy = ''] = await worlds.copies(tag, 1);
      await worlds.redis.set(clockKey(copy), OVER_MS - 1);
      const before = await worlds.seePartition(copy);
      await Promise.all(before.groups.map((group) => passBy(group, before, worlds.redis, copy)));
      const limits = { tag: copy, retentionMs: RETENTION_MS, countMax: 1000 };
      await worlds.runner.run(worlds.redis, trimLog, { log: logKey(copy) }, limits, GROUPS);
      const failures: (string | undefined)[] = [];
      for (const group of GROUPS) failures.push(await sweepAll(group, worlds, copy));
      const after = await worlds.seePartition(copy);
      await worlds.forget([copy]);
      const isKept = isDeepStrictEqual(after.orders, before.orders);
      const gone = isKept ? undefined : 'a record went before its retention was over';
      return failures.find((failure) => failure !== undefined) ?? gone;
    },
  };
}

async function sweepAll(group: Group, worlds: Worlds, tag: string): Promise<string | undefined> {
  const swept = await Promise.all(SWEEPS[group](worlds).map((sweep) => sweep({ index: 0, tag }, 0, 100)));
  return swept.find(({ failure }) => failure !== '')?.failure;
}

function trimming(seen: Seen, budget: Budget): Move {
  return {
    label: 'the log is trimmed',
    fair: false,
    budget,
    async run({ runner, redis }, tag) {
      // What passes a group by holds the log back until it has passed.
      await Promise.all(seen.groups.map((group) => passBy(group, seen, redis, tag)));
      const limits = { tag, retentionMs: RETENTION_MS, countMax: 1000 };
      const { word } = await runner.run(redis, trimLog, { log: logKey(tag) }, limits, GROUPS);
      return word === 'TRIMMED' ? undefined : `trimming answered ${word}`;
    },
  };
}

/** No service but order may forget anything of an order that is kept. */
function sweeping(group: Group, seen: Seen, budget: Budget): Move {
  const inVain = group !== 'order' && seen.orders.every(({ index }) => index.length > 0);
  return {
    label: `${group} sweeps the records that are past their retention${inVain ? ', in vain' : ''}`,
    fair: false,
    harmless: inVain,
    budget,
    run: (worlds, tag) => sweepAll(group, worlds, tag),
  };
}

/** Reads what a group has no transition for, where nothing else comes before it. */
async function passBy(group: SeenGroup, seen: Seen, redis: Worlds['redis'], tag: string): Promise<void> {
  const unread = unreadOf(group, seen.log);
  const first = unread.findIndex((entry) => concerns(group.name, entry));
  const count = first < 0 ? unread.length : first;
  if (count === 0) return;
  await redis.xreadgroup('GROUP', group.name, 'c1', 'COUNT', count, 'NOACK', 'STREAMS', logKey(tag), '>');
}
