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
  /** What each index lists, in the order of `judgeIndexes.ts`. */
  listed: string[][];
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

/** What is read of an entry, of each record of an order and of an account: all that decides on what can happen next. */
const ENTRY = ['eventType', 'orderId', 'currencyId', 'deadline', 'reason', 'point', 'pointUsed'];
const LETTER = ['dead.group', 'dead.reason'];
const RECORDS = {
  order: ['status', 'deadline'],
  exchange: ['status', 'point', 'at'],
  transaction: ['status', 'point', 'at'],
  deadline: ['status', 'deadline'],
};
const ACCOUNT = ['point', 'used', 'usedArchived'];

const COLUMNS = [...ENTRY, ...LETTER];
const PARTS = ['order', 'exchange', 'transaction', 'deadline'] as const;
const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ');

/** The same for Lua. */
export const columnsLua = `
local ENTRY, ENTRY_COLUMNS = { ${COLUMNS.map((name, i) => `['${name}'] = ${i + 1}`).join(', ')} }, ${COLUMNS.length}
local RECORDS = { ${PARTS.map((part) => `${part} = { ${quoted(RECORDS[part])} }`).join(', ')} }
local ACCOUNT = { ${quoted(ACCOUNT)} }
`;

const EMPTY: Fields = {};

/** Gives names to what `observe.lua` answered. */
export function readSeen(reply: readonly unknown[]): Seen {
  const [now, log, dead, groups, orders, events, account, listed, closed, rates, memory] = reply.map(String);
  const eventsOf = rows(events);
  return {
    now: Number(now),
    log: entriesOf(log),
    dead: entriesOf(dead),
    groups: rows(groups).map(([name, position = '', ...pending]) => ({ name: name as Group, position, pending })),
    orders: rows(orders).map((columns, i) => orderOf(columns, eventsOf[i] ?? [])),
    account: fieldsOf(ACCOUNT, account?.split('|') ?? [], 0),
    listed: (listed ?? '').split('\n').map(columnsOf),
    closed: entryFields(columnsOf(closed ?? '')),
    rates: entryFields(columnsOf(rates ?? '')),
    memory: entryFields(columnsOf(memory ?? '')),
  };
}

const columnsOf = (line: string) => (line === '' ? [] : line.split('|'));
const rows = (text = '') => (text === '' ? [] : text.split('\n').map(columnsOf));

const entriesOf = (text: string | undefined): SeenEntry[] =>
  rows(text).map((columns) => ({ id: columns[0] ?? '', fields: fieldsOf(COLUMNS, columns, 1) }));

function orderOf(columns: readonly string[], index: string[]): SeenOrder {
  const order = { order: EMPTY, exchange: EMPTY, transaction: EMPTY, deadline: EMPTY, index };
  let at = 0;
  for (const part of PARTS) {
    order[part] = fieldsOf(RECORDS[part], columns, at);
    at += RECORDS[part].length;
  }
  return order;
}

/** What is not there has no column's value. */
function fieldsOf(names: readonly string[], columns: readonly string[], from: number): Fields {
  const fields: Record<string, string> = {};
  names.forEach((name, i) => {
    const value = columns[from + i];
    if (value) fields[name] = value;
  });
  return fields;
}
