import { join } from 'node:path';
import { logKey } from 'common/events/keys';
import { defineScript } from 'common/script/script';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';

const observeScript = defineScript({
  name: 'observe',
  file: join(import.meta.dirname, 'observe.lua'),
  keys: ['log'],
  args: ['tag', 'after'],
  replies: ['OBSERVED'],
});

export type SeenEvent = {
  id: string;
  type: string;
  orderId: number;
  timestamp: number;
  deadline: number;
  reason: string;
};

/** The statuses of an order's four records, what its transaction took, and how much the log's index has of it. */
export type SeenOrder = {
  id: number;
  order: string;
  exchange: string;
  transaction: string;
  deadline: string;
  point: number;
  indexed: number;
};

export type SeenAccount = { userId: string; point: number; deposited: number; used: number; archived: number };

/** @property listed how much each index lists; of those that were asked for */
export type Observed = { events: SeenEvent[]; orders: SeenOrder[]; accounts: SeenAccount[]; listed: number[] };

const linesOf = (text: unknown) =>
  text === ''
    ? []
    : String(text)
        .split('\n')
        .map((line) => line.split('|'));

/** Reads what the log has got after an id, and the records of some orders and users, in one round trip. */
export async function observe(
  runner: ScriptRunner,
  redis: Redis,
  tag: string,
  after: string,
  touched: { orders: Iterable<number>; users: Iterable<string>; indexes: readonly string[] },
): Promise<Observed> {
  const more = [...touched.orders, '|', ...touched.users, '|', ...touched.indexes];
  const { rest } = await runner.run(redis, observeScript, { log: logKey(tag) }, { tag, after: `(${after}` }, more);
  const [events, orders, accounts, [listed = []] = []] = rest.map(linesOf);
  return {
    events: (events ?? []).map(([id = '', type = '', orderId, timestamp, deadline, reason = '']) => ({
      ...{ id, type, reason, orderId: Number(orderId) },
      ...{ timestamp: Number(timestamp), deadline: Number(deadline) },
    })),
    orders: (orders ?? []).map(([id, order = '', exchange = '', transaction = '', deadline = '', point, indexed]) => ({
      ...{ id: Number(id), order, exchange, transaction, deadline },
      ...{ point: Number(point), indexed: Number(indexed) },
    })),
    accounts: (accounts ?? []).map(([userId = '', point, deposited, used, archived]) => ({
      ...{ userId, point: Number(point), deposited: Number(deposited) },
      ...{ used: Number(used), archived: Number(archived) },
    })),
    listed: listed.map(Number),
  };
}
