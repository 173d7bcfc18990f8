import type { Group } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { compareIds } from 'common/log/logEntry';
import { subscriptions } from 'common/transitions/table';
import { deadlineActor } from 'deadline/actor';
import { exchangeActor } from 'exchange/actor';
import { orderActor } from 'order/actor';
import { pointActor } from 'point/actor';

/** The four actors whose scripts are explored. */
export const ACTORS = { order: orderActor, exchange: exchangeActor, point: pointActor, deadline: deadlineActor };

type Fields = Readonly<Record<string, string>>;
export type SeenEntry = { id: string; fields: Fields };
export type SeenGroup = { name: Group; position: string; pending: string[] };
export type SeenOrder = { order: Fields; exchange: Fields; transaction: Fields; deadline: Fields; index: string[] };

/** Everything that one partition of a world holds, as Redis tells it. */
export type Seen = {
  now: number;
  log: SeenEntry[];
  dead: SeenEntry[];
  groups: SeenGroup[];
  orders: SeenOrder[];
  account: Fields;
  /** Orders that the order service sweeps once they are overdue. */
  pending: string[];
  /** Deadlines that wait. */
  due: string[];
  /** When each deadline was over, by its member of the index. */
  closed: Fields;
  rates: Fields;
  /** What a planted fault keeps in the memory of a process. */
  memory: Fields;
};

/** What each group does something with; every other event passes it by, whenever that is. */
const SUBSCRIBED: Readonly<Record<Group, ReadonlySet<string>>> = {
  order: new Set(subscriptions(ACTORS.order.table)),
  exchange: new Set(subscriptions(ACTORS.exchange.table)),
  point: new Set(subscriptions(ACTORS.point.table)),
  deadline: new Set(subscriptions(ACTORS.deadline.table)),
};

export const concerns = (group: Group, { fields }: SeenEntry) => SUBSCRIBED[group].has(fields.eventType ?? '');

/** What a group has not read yet, oldest first. */
export function unreadOf({ position }: SeenGroup, log: readonly SeenEntry[]): readonly SeenEntry[] {
  const last = log.findLastIndex(({ id }) => compareIds(id, position) <= 0);
  return log.slice(last + 1);
}

type Flat = string[] | Record<string, never>;
type FlatEntry = [string, Flat];
type Observed = {
  now: string;
  log: FlatEntry[];
  dead: FlatEntry[];
  groups: [Group, string, string[]][];
  orders: Flat[][];
  accounts: Flat[];
  pending: string[];
  due: string[];
  closed: Flat;
  rates: Flat;
  memory: Flat;
};

/** Gives names to what `observe.lua` answered, a text of JSON: quicker to read than a deep reply of Redis. */
export function readSeen(text: string): Seen {
  const observed: Observed = JSON.parse(text);
  const entry = ([id, flat]: FlatEntry) => ({ id, fields: fieldsOf(flat) });
  return {
    now: Number(observed.now),
    log: listOf(observed.log).map(entry),
    dead: listOf(observed.dead).map(entry),
    groups: listOf(observed.groups).map(([name, position, ids]) => ({ name, position, pending: listOf(ids) })),
    orders: listOf(observed.orders).map(([order, exchange, transaction, deadline, index]) => ({
      order: fieldsOf(order),
      exchange: fieldsOf(exchange),
      transaction: fieldsOf(transaction),
      deadline: fieldsOf(deadline),
      index: listOf(index),
    })),
    account: fieldsOf(listOf(observed.accounts)[0]),
    pending: listOf(observed.pending),
    due: listOf(observed.due),
    closed: fieldsOf(observed.closed),
    rates: fieldsOf(observed.rates),
    memory: fieldsOf(observed.memory),
  };
}

/** Lua's empty table is an empty object in JSON. */
const listOf = <T>(value: readonly T[] | Record<string, never> | undefined): T[] =>
  Array.isArray(value) ? (value as T[]) : [];

const fieldsOf = (flat: Flat | undefined): Fields => entryFields(listOf(flat));
