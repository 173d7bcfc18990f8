import type { Sweep } from 'common/actor/retention';
import { drainReport } from 'common/actor/scripts/drain';
import { postpone } from 'common/actor/scripts/pendingScripts';
import { trimLog } from 'common/actor/scripts/trimLog';
import { redrive } from 'common/deadLetters/scripts/deadLetterScripts';
import { deadKey, deadRecordKey, GROUPS, type Group, logKey, retryKey } from 'common/events/keys';
import { compareIds } from 'common/log/logEntry';
import { reachDeadlines } from 'deadline/scripts/reachDue';
import { deadlineSweep } from 'deadline/scripts/sweepDeadlines';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import { exchangeSweep } from 'exchange/scripts/sweepExchanges';
import { ORDER_STATUSES } from 'order/order';
import { orderSweep } from 'order/scripts/sweepOrders';
import { OVERDUE_MS, sweepOverdue } from 'order/scripts/sweepPending';
import { transactionSweep } from 'point/scripts/sweepTransactions';
import { TRANSACTION_STATUSES } from 'point/transaction';
import { contentOf } from './canonical.ts';
import {
  concerns,
  DEADLINE_MS,
  partitionTag,
  RETENTION_MS,
  type Seen,
  START_MS,
  unreadOf,
  type Worlds,
} from './world.ts';

/** How often the adversary may still do what would otherwise never end. */
export type Budget = {
  /** Copies of an event added to the log as new entries. */
  copies: number;
  /** Steps of the clock back. */
  stepsBack: number;
  /** Events that fail at every attempt until they are dead letters. */
  deadLetters: number;
  /** Entries handed back by a drain, for a retry or for work outside Redis, while later ones go first. */
  handBacks: number;
  /** Dead letters sent again; one that is dead for good would come back for ever. */
  redrives: number;
};

export type Move = {
  /** A line of the story. */
  label: string;
  /** A fair move is what the system does by itself when it is left alone; the rest is the adversary's. */
  fair: boolean;
  budget: Budget;
  /** What must be true of the reply; a text is a violation. */
  run(worlds: Worlds, tag: string): Promise<string | undefined>;
  /** Must leave everything as it is. */
  harmless?: boolean;
};

/** The moments that a transition can tell apart. */
export const CLOCK = [
  START_MS,
  START_MS + DEADLINE_MS,
  START_MS + DEADLINE_MS + OVERDUE_MS,
  START_MS + DEADLINE_MS + RETENTION_MS / 2,
  START_MS + DEADLINE_MS + RETENTION_MS,
] as const;

const CLOCK_NAMES = [
  'placed',
  'at the deadline',
  'half a second overdue',
  'half the retention later',
  'retention over',
];

/** Compensations are never given up: they have no dead letters for failing. */
const TIRELESS: Readonly<Partial<Record<Group, string>>> = { exchange: 'OrderRejected', point: 'ExchangeCompensated' };

/** Every move that is possible in a state, those that must change nothing included; one `Seen` for each partition. */
export function movesFrom(partitions: readonly Seen[], budget: Budget): Move[] {
  const each = partitions.flatMap((seen, index) => {
    const moves = [
      ...seen.groups.flatMap((group) => groupMoves(seen, group, budget)),
      ...copies(seen, budget),
      ...timers(seen, budget),
      ...redrives(seen, budget),
    ];
    return partitions.length === 1 ? moves : moves.map((move) => inPartition(move, index));
  });
  return [...each, ...clockMoves(partitions, budget)];
}

function inPartition(move: Move, index: number): Move {
  return {
    ...move,
    label: `partition ${index}: ${move.label}`,
    run: (worlds, tag) => move.run(worlds, partitionTag(tag, index)),
  };
}

function groupMoves(seen: Seen, group: Seen['groups'][number], budget: Budget): Move[] {
  const { name, position, pending } = group;
  const unread = unreadOf(group, seen.log);
  const read = seen.log.filter((entry) => compareIds(entry.id, position) <= 0 && concerns(name, entry));
  const said = (id: string) => contentOf(seen.log.find((entry) => entry.id === id) ?? { id, fields: {} });
  const moves: Move[] = [];
  const first = unread.findIndex((entry) => concerns(name, entry));
  const next = unread[first];
  if (next) {
    moves.push(drain(name, first + 1, `${name} drains ${contentOf(next)}`, budget));
    const more = unread.slice(first + 1).some((entry) => concerns(name, entry));
    if (more) moves.push(drain(name, 200, `${name} drains everything (${unread.length})`, budget));
    if (budget.handBacks > 0) moves.push(handBack(name, first, contentOf(next), budget));
  }
  for (const id of pending) {
    moves.push(handle(name, id, `${name} handles ${said(id)}, which was handed back`, budget));
    const givenUp =
      budget.deadLetters > 0 && TIRELESS[name] !== seen.log.find((entry) => entry.id === id)?.fields.eventType;
    if (givenUp) moves.push(bury(name, id, said(id), budget));
  }
  for (const { id } of read) {
    if (!pending.includes(id)) moves.push(stalled(name, id, said(id), budget));
  }
  return moves;
}

const consumer = 'c1';

function drain(group: Group, countMax: number, label: string, budget: Budget): Move {
  return {
    label,
    fair: true,
    budget,
    async run(worlds, tag) {
      const args = { tag, group, consumer, countMax, trail: 0 };
      const { rest } = await worlds.runner.run(worlds.redis, worlds.actors[group].drain, { log: logKey(tag) }, args);
      const { handedBack } = drainReport(rest);
      return handedBack.map(({ why, detail }) => `a transition of ${group} answered ${why}: ${detail}`)[0];
    },
  };
}

/** What a drain does with an entry that it cannot finish: it stays pending while the position moves on. */
function handBack(group: Group, passed: number, said: string, budget: Budget): Move {
  return {
    label: `${group} hands ${said} back`,
    fair: false,
    budget: { ...budget, handBacks: budget.handBacks - 1 },
    async run({ redis }, tag) {
      const read = ['STREAMS', logKey(tag), '>'] as const;
      if (passed > 0) await redis.xreadgroup('GROUP', group, consumer, 'COUNT', passed, 'NOACK', ...read);
      await redis.xreadgroup('GROUP', group, consumer, 'COUNT', 1, ...read);
      return undefined;
    },
  };
}

async function runHandle(worlds: Worlds, tag: string, group: Group, id: string) {
  const keys = { log: logKey(tag), retry: retryKey(tag, group) };
  return worlds.runner.run(worlds.redis, worlds.actors[group].handle, keys, { tag, group, id, prepared: '' });
}

function handle(group: Group, id: string, label: string, budget: Budget): Move {
  return {
    label,
    fair: true,
    budget,
    async run(worlds, tag) {
      const { word, rest } = await runHandle(worlds, tag, group, id);
      return word === 'DONE' || word === 'PASSED' ? undefined : `handling it answered ${word} ${rest[0] ?? ''}`;
    },
  };
}

/** A consumer that slept through the claim of its entry wakes up and runs its script: it must find that all is done. */
function stalled(group: Group, id: string, said: string, budget: Budget): Move {
  return {
    label: `a stalled consumer of ${group} wakes up and handles ${said} once more`,
    fair: false,
    harmless: true,
    budget,
    async run(worlds, tag) {
      const { word } = await runHandle(worlds, tag, group, id);
      return word === 'DUPLICATE' ? undefined : `a stalled consumer was answered ${word} instead of DUPLICATE`;
    },
  };
}

function bury(group: Group, id: string, said: string, budget: Budget): Move {
  return {
    label: `${said} fails for the last time at ${group}: a dead letter`,
    fair: false,
    budget: { ...budget, deadLetters: budget.deadLetters - 1 },
    async run({ runner, redis }, tag) {
      const keys = { log: logKey(tag), retry: retryKey(tag, group) };
      const limits = { attemptsMax: 1, backoffMs: 1, backoffMsMax: 1 };
      const { word } = await runner.run(redis, postpone, keys, {
        tag,
        group,
        consumer,
        id,
        cause: 'planted',
        ...limits,
      });
      return word === 'BURIED' ? undefined : `burying it answered ${word}`;
    },
  };
}

function copies(seen: Seen, budget: Budget): Move[] {
  if (budget.copies === 0) return [];
  const distinct = new Map(seen.log.map((entry) => [contentOf(entry), entry]));
  return [...distinct.values()].map((entry) => ({
    label: `${contentOf(entry)} is delivered again as a new entry`,
    fair: false,
    budget: { ...budget, copies: budget.copies - 1 },
    async run({ redis }, tag) {
      await redis.xadd(logKey(tag), '*', ...Object.entries(entry.fields).flat());
      return undefined;
    },
  }));
}

function timers(seen: Seen, budget: Budget): Move[] {
  const wake: Move = {
    label: 'the wake-up comes: deadline looks at what is due',
    fair: true,
    budget,
    async run({ runner, redis }, tag) {
      const { failed } = await reachDeadlines(runner, redis, tag);
      return failed.map(({ orderId, why }) => `the deadline of order ${orderId} failed: ${why}`)[0];
    },
  };
  const sweep: Move = {
    label: 'order sweeps what is overdue',
    fair: true,
    budget,
    async run({ runner, redis }, tag) {
      const { failed } = await sweepOverdue(runner, redis, tag);
      return failed.map(({ orderId, why }) => `the sweep of order ${orderId} failed: ${why}`)[0];
    },
  };
  const trim: Move = {
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
  return [
    ...(seen.due.length > 0 ? [wake] : []),
    ...(seen.pending.length > 0 ? [sweep] : []),
    ...(seen.now >= CLOCK[4] ? [trim, ...forgetting(budget)] : []),
  ];
}

type SweepOf = (worlds: Worlds) => Sweep[];

/** Each service's own sweeps of records, as its factory makes them. */
const SWEEPS: Readonly<Record<Group, SweepOf>> = {
  order: (worlds) => ORDER_STATUSES.slice(1).map((status) => orderSweep(accessOf(worlds), status, RETENTION_MS)),
  exchange: (worlds) => EXCHANGE_STATUSES.map((status) => exchangeSweep(accessOf(worlds), status, RETENTION_MS)),
  point: (worlds) => TRANSACTION_STATUSES.map((status) => transactionSweep(accessOf(worlds), status, RETENTION_MS)),
  deadline: (worlds) => [deadlineSweep(accessOf(worlds), RETENTION_MS)],
};

const accessOf = ({ redis, runner }: Worlds) => ({ connections: { commands: redis }, scripts: runner });

function forgetting(budget: Budget): Move[] {
  return GROUPS.map((group) => ({
    label: `${group} sweeps the records that are past their retention`,
    fair: false,
    budget,
    async run(worlds, tag) {
      const swept = await Promise.all(SWEEPS[group](worlds).map((sweep) => sweep({ index: 0, tag }, 0, 100)));
      return swept.find(({ failure }) => failure !== '')?.failure;
    },
  }));
}

/** Reads what a group has no transition for, where nothing else comes before it. */
async function passBy(group: Seen['groups'][number], seen: Seen, redis: Worlds['redis'], tag: string): Promise<void> {
  const unread = unreadOf(group, seen.log);
  const first = unread.findIndex((entry) => concerns(group.name, entry));
  const count = first < 0 ? unread.length : first;
  if (count === 0) return;
  await redis.xreadgroup('GROUP', group.name, consumer, 'COUNT', count, 'NOACK', 'STREAMS', logKey(tag), '>');
}

/** All partitions live in one Redis: they have one clock. */
function clockMoves(partitions: readonly Seen[], budget: Budget): Move[] {
  const at = CLOCK.indexOf(partitions[0]?.now as (typeof CLOCK)[number]);
  const to = (index: number, verb: string, next: Budget, fair: boolean): Move[] => {
    const ms = CLOCK[index];
    if (ms === undefined) return [];
    return [
      {
        label: `the clock ${verb}: ${CLOCK_NAMES[index]}`,
        fair,
        budget: next,
        async run({ redis }, tag) {
          await Promise.all(partitions.map((_, i) => redis.set(`test:{${partitionTag(tag, i)}}:clock`, ms)));
          return undefined;
        },
      },
    ];
  };
  const back = { ...budget, stepsBack: budget.stepsBack - 1 };
  return [
    ...to(at + 1, 'goes on', budget, false),
    ...(budget.stepsBack > 0 ? to(at - 1, 'steps back', back, false) : []),
  ];
}

function redrives(seen: Seen, budget: Budget): Move[] {
  if (budget.redrives === 0) return [];
  return seen.dead.map((letter) => ({
    label: `the dead letter ${contentOf(letter)} of ${letter.fields['dead.group']} is sent again`,
    fair: false,
    budget: { ...budget, redrives: budget.redrives - 1 },
    async run({ runner, redis }, tag) {
      const keys = { log: logKey(tag), dead: deadKey(tag), record: deadRecordKey(tag) };
      const { word } = await runner.run(redis, redrive, keys, { id: letter.id, reason: 'explored', recordMax: 100 });
      return word === 'REDRIVEN' ? undefined : `sending it again answered ${word}`;
    },
  }));
}
