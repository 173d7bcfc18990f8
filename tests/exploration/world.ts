import { join } from 'node:path';
import { actorScripts } from 'common/actor/actorScripts';
import { deadKey, deadRecordKey, GROUPS, type Group, indexKey, leaseKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { compareIds } from 'common/log/logEntry';
import { defineScript, type Script } from 'common/script/script';
import { ScriptRunner } from 'common/script/scriptRunner';
import { subscriptions } from 'common/transitions/table';
import { deadlineActor } from 'deadline/actor';
import * as deadlineKeys from 'deadline/keys';
import { exchangeActor } from 'exchange/actor';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import * as exchangeKeys from 'exchange/keys';
import type { Redis } from 'ioredis';
import { orderActor } from 'order/actor';
import * as orderKeys from 'order/keys';
import { ORDER_STATUSES } from 'order/order';
import { pointActor } from 'point/actor';
import * as pointKeys from 'point/keys';
import { TRANSACTION_STATUSES } from 'point/transaction';
import { virtualClockLua } from '../kit/virtualClock.ts';

/**
 * Only the order of the moments counts, but entry ids are of Redis' own clock, and the log is trimmed by them: the virtual
 * clock starts at the real one, and its hours are longer than a walk.
 */
export const START_MS = Date.now();
export const DEADLINE_MS = 3_600_000;
export const RETENTION_MS = 10 * DEADLINE_MS;

export const ORDER_IDS = [1, 2, 3] as const;
export const USER = 'jjy';

export type SeenEntry = { id: string; fields: Readonly<Record<string, string>> };
export type SeenGroup = { name: Group; position: string; pending: string[] };
export type SeenOrder = {
  order: Record<string, string>;
  exchange: Record<string, string>;
  transaction: Record<string, string>;
  deadline: Record<string, string>;
  index: string[];
};

/** Everything that one world holds, as Redis tells it. */
export type Seen = {
  now: number;
  log: SeenEntry[];
  dead: SeenEntry[];
  groups: SeenGroup[];
  orders: SeenOrder[];
  account: Record<string, string>;
  pending: string[];
  due: string[];
};

/** What each group does something with; every other event passes it by, whenever that is. */
const SUBSCRIBED: Readonly<Record<Group, ReadonlySet<string>>> = {
  order: new Set(subscriptions(orderActor.table)),
  exchange: new Set(subscriptions(exchangeActor.table)),
  point: new Set(subscriptions(pointActor.table)),
  deadline: new Set(subscriptions(deadlineActor.table)),
};

export const concerns = (group: Group, { fields }: SeenEntry) => SUBSCRIBED[group].has(fields.eventType ?? '');

/** What a group has not read yet, oldest first. */
export const unreadOf = ({ position }: SeenGroup, log: readonly SeenEntry[]) =>
  log.filter(({ id }) => compareIds(id, position) > 0);

/** The scripts of the four actors: what the services run, but for the clock. */
const ACTORS = { order: orderActor, exchange: exchangeActor, point: pointActor, deadline: deadlineActor };

export type Faults = {
  /** Lua parts put in the place of shipped ones, by name. */
  parts?: Readonly<Record<string, string>>;
};

/**
 * Worlds in one Redis: each is a partition of its own, told apart by its tag, that can be copied, moved on and forgotten.
 * What moves them are the shipped scripts, with the clock as the only replaced part (and, in mutants, the planted fault).
 */
export class Worlds {
  readonly redis: Redis;
  readonly runner: ScriptRunner;
  readonly actors: Readonly<Record<Group, ReturnType<typeof actorScripts>>>;
  readonly #orderCount: number;
  readonly #partitionCount: number;
  #last = 0;

  constructor(redis: Redis, size: { orders: number; partitions: number }, faults: Faults = {}) {
    this.redis = redis;
    this.#orderCount = size.orders;
    this.#partitionCount = size.partitions;
    this.runner = new ScriptRunner({ clock: virtualClockLua, ...faults.parts });
    const settings = { RETENTION_MS };
    const scripts = (group: Group) => {
      const { table, scriptsFolder, transitionFiles } = ACTORS[group];
      return actorScripts(table, scriptsFolder, transitionFiles, settings);
    };
    this.actors = {
      order: scripts('order'),
      exchange: scripts('exchange'),
      point: scripts('point'),
      deadline: scripts('deadline'),
    };
  }

  newTag(): string {
    this.#last += 1;
    return `w${this.#last}`;
  }

  /** A copy of a world, streams with groups and pending entries included. */
  async clone(from: string): Promise<string> {
    const to = this.newTag();
    const copies = this.#tags(from).map((part, i) => {
      return this.runner.run(this.redis, cloneScript, {}, { from: part, to: partitionTag(to, i) });
    });
    await Promise.all(copies);
    return to;
  }

  async forget(tags: readonly string[]): Promise<void> {
    const all = tags.flatMap((tag) => this.#tags(tag));
    if (all.length > 0) await this.runner.run(this.redis, forgetScript, {}, {}, all);
  }

  /** Reads a whole world, partition by partition. */
  see(tag: string): Promise<Seen[]> {
    return Promise.all(this.#tags(tag).map((part) => this.#seePartition(part)));
  }

  #tags(tag: string): string[] {
    return Array.from({ length: this.#partitionCount }, (_, i) => partitionTag(tag, i));
  }

  async #seePartition(tag: string): Promise<Seen> {
    const orders = ORDER_IDS.slice(0, this.#orderCount);
    const keys = { log: logKey(tag), dead: deadKey(tag) };
    const more = [orders.length, ...orders, 1, USER];
    const { rest } = await this.runner.run(this.redis, observeScript, keys, { tag }, more);
    return seen(rest as Parameters<typeof seen>[0]);
  }
}

/** The tag of one partition of a world: the first one's is the world's own. */
export const partitionTag = (tag: string, index: number) => (index === 0 ? tag : `${tag}-${index}`);

type Flat = [string, string[]];
type FlatOrder = [string[], string[], string[], string[], string[]];

function seen([now, log, dead, groups, orders, accounts, pending, due]: [
  string,
  Flat[],
  Flat[],
  [Group, string, string[]][],
  FlatOrder[],
  string[][],
  string[],
  string[],
]): Seen {
  const entry = ([id, flat]: Flat) => ({ id, fields: entryFields(flat) });
  return {
    now: Number(now),
    log: log.map(entry),
    dead: dead.map(entry),
    groups: groups.map(([name, position, ids]) => ({ name, position, pending: ids })),
    orders: orders.map(([order, exchange, transaction, deadline, index]) => ({
      order: entryFields(order),
      exchange: entryFields(exchange),
      transaction: entryFields(transaction),
      deadline: entryFields(deadline),
      index,
    })),
    account: entryFields(accounts[0] ?? []),
    pending,
    due,
  };
}

/** Every key that a world may have, with `?` for its tag. */
export const WORLD_KEYS: readonly string[] = [
  'test:{?}:clock',
  logKey('?'),
  deadKey('?'),
  deadRecordKey('?'),
  ...GROUPS.flatMap((group) => [retryKey('?', group), leaseKey('?', group)]),
  orderKeys.pendingKey('?'),
  'order:{?}:sequence',
  orderKeys.holderIndexKey('?', USER),
  ...ORDER_STATUSES.map((status) => orderKeys.statusIndexKey('?', status)),
  ...EXCHANGE_STATUSES.map((status) => exchangeKeys.statusIndexKey('?', status)),
  ...TRANSACTION_STATUSES.map((status) => pointKeys.statusIndexKey('?', status)),
  exchangeKeys.ratesKey('?'),
  pointKeys.accountKey('?', USER),
  pointKeys.accountsKey('?'),
  deadlineKeys.dueKey('?'),
  deadlineKeys.closedKey('?'),
  ...ORDER_IDS.flatMap((id) => [
    indexKey('?', id),
    orderKeys.orderKey('?', id),
    exchangeKeys.exchangeKey('?', id),
    pointKeys.transactionKey('?', id),
    deadlineKeys.deadlineKey('?', id),
  ]),
];

const file = (name: string) => join(import.meta.dirname, `${name}.lua`);
const worldKeys = `local worldKeys = { ${WORLD_KEYS.map((key) => `'${key}'`).join(', ')} }`;

const cloneScript = defineScript({
  name: 'clone',
  file: file('clone'),
  keys: [],
  args: ['from', 'to'],
  replies: ['CLONED'],
  parts: { worldKeys },
});

const forgetScript: Script<never, never> = defineScript({
  name: 'forget',
  file: file('forget'),
  keys: [],
  args: [],
  replies: ['FORGOTTEN'],
  parts: { worldKeys },
});

const observeScript = defineScript({
  name: 'observe',
  file: file('observe'),
  keys: ['log', 'dead'],
  args: ['tag'],
  replies: ['SEEN'],
});
