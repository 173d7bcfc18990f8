import * as deadlineKeys from 'deadline/keys';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import * as exchangeKeys from 'exchange/keys';
import * as orderKeys from 'order/keys';
import { ORDER_STATUSES } from 'order/order';
import * as pointKeys from 'point/keys';
import { TRANSACTION_STATUSES } from 'point/transaction';

/** The states of an order's four records; one that is not there has none. */
type States = Readonly<Record<'order' | 'exchange' | 'transaction' | 'deadline', string | undefined>>;

export type Index = {
  name: string;
  keyOf: (tag: string) => string;
  /** Whether it has to list an order. */
  lists: (states: States, holderId: string) => boolean;
};

/** Every index of a partition, by the services' own keys.ts, and which orders it has to list. */
export function indexesOf(holders: readonly string[]): readonly Index[] {
  return [
    ...byStatus('order', ORDER_STATUSES, orderKeys.statusIndexKey),
    ...byStatus('exchange', EXCHANGE_STATUSES, exchangeKeys.statusIndexKey),
    ...byStatus('transaction', TRANSACTION_STATUSES, pointKeys.statusIndexKey),
    ...holders.map((holder) => ({
      name: `index of holder ${holder}`,
      keyOf: (tag: string) => orderKeys.holderIndexKey(tag, holder),
      lists: ({ order }: States, holderId: string) => order !== undefined && holderId === holder,
    })),
    { name: 'index of open orders', keyOf: orderKeys.pendingKey, lists: ({ order }) => order === 'PENDING' },
    {
      name: 'index of deadlines to come',
      keyOf: deadlineKeys.dueKey,
      lists: ({ deadline }) => deadline === 'SCHEDULED',
    },
    {
      name: 'index of deadlines that are over',
      keyOf: deadlineKeys.closedKey,
      lists: ({ deadline }) => deadline !== undefined && deadline !== 'SCHEDULED',
    },
  ];
}

function byStatus(part: keyof States, statuses: readonly string[], keyOf: (tag: string, status: string) => string) {
  return statuses.map((status) => ({
    name: `index of ${part} ${status}`,
    keyOf: (tag: string) => keyOf(tag, status),
    lists: (states: States) => states[part] === status,
  }));
}
