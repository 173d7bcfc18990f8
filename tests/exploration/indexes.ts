import * as deadlineKeys from 'deadline/keys';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import * as exchangeKeys from 'exchange/keys';
import * as orderKeys from 'order/keys';
import { ORDER_STATUSES } from 'order/order';
import * as pointKeys from 'point/keys';
import { TRANSACTION_STATUSES } from 'point/transaction';
import type { Seen, SeenOrder } from './seen.ts';
import { aroundTag, USER } from './worldKeys.ts';

type Records = Omit<SeenOrder, 'index'>;
type Index = { name: string; keyOf: (tag: string) => string; lists: (records: Records) => boolean };

/** Every index of a partition, by the services' own keys.ts, and which orders it has to list. */
const INDEXES: readonly Index[] = [
  ...byStatus('order', ORDER_STATUSES, orderKeys.statusIndexKey),
  ...byStatus('exchange', EXCHANGE_STATUSES, exchangeKeys.statusIndexKey),
  ...byStatus('transaction', TRANSACTION_STATUSES, pointKeys.statusIndexKey),
  {
    name: 'orders of a holder',
    keyOf: (tag) => orderKeys.holderIndexKey(tag, USER),
    lists: ({ order }) => order.status !== undefined,
  },
  { name: 'open orders', keyOf: orderKeys.pendingKey, lists: ({ order }) => order.status === 'PENDING' },
  { name: 'deadlines to come', keyOf: deadlineKeys.dueKey, lists: ({ deadline }) => deadline.status === 'SCHEDULED' },
  {
    name: 'deadlines that are over',
    keyOf: deadlineKeys.closedKey,
    lists: ({ deadline }) => deadline.status !== undefined && deadline.status !== 'SCHEDULED',
  },
];

function byStatus(part: keyof Records, statuses: readonly string[], keyOf: (tag: string, status: string) => string) {
  return statuses.map(
    (status): Index => ({
      name: `index of ${part} ${status}`,
      keyOf: (tag) => keyOf(tag, status),
      lists: (records) => records[part].status === status,
    }),
  );
}

/** The same for Lua: of each key what stands before the tag and what after it. */
export const indexesLua = `local indexes = { ${INDEXES.map(({ keyOf }) => aroundTag(keyOf('?'))).join(', ')} }`;

/** Whether every index says what the records say. */
export function judgeIndexes({ orders, listed }: Seen): string[] {
  return INDEXES.flatMap(({ name, lists }, at) => {
    const wanted = orders.flatMap((records, i) => (lists(records) ? [i + 1] : [])).join(', ');
    const found = (listed[at] ?? []).map(Number).sort().join(', ');
    return wanted === found ? [] : [`the ${name} lists ${found || 'none'}, and it is ${wanted || 'none'}`];
  });
}
