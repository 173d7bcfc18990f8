import { deadKey, deadRecordKey, GROUPS, indexKey, leaseKey, logKey, retryKey } from 'common/events/keys';
import * as deadlineKeys from 'deadline/keys';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import * as exchangeKeys from 'exchange/keys';
import * as orderKeys from 'order/keys';
import { ORDER_STATUSES } from 'order/order';
import * as pointKeys from 'point/keys';
import { TRANSACTION_STATUSES } from 'point/transaction';

export const ORDER_IDS = [1, 2] as const;
export const USER = 'jjy';
/** Of every order, but in the scenes about others. */
export const CURRENCY = '1';

/** What planted faults keep in the memory of a process; nothing that is shipped knows it. */
export const memoryKey = (tag: string) => `test:{${tag}}:memory`;
export const clockKey = (tag: string) => `test:{${tag}}:clock`;

/** Every key that a partition of a world may have, spelled for a tag by the services' own keys.ts. */
function keysOf(tag: string): string[] {
  return [
    clockKey(tag),
    memoryKey(tag),
    logKey(tag),
    deadKey(tag),
    deadRecordKey(tag),
    ...GROUPS.flatMap((group) => [retryKey(tag, group), leaseKey(tag, group)]),
    orderKeys.pendingKey(tag),
    orderKeys.sequenceKey(tag),
    orderKeys.holderIndexKey(tag, USER),
    ...ORDER_STATUSES.map((status) => orderKeys.statusIndexKey(tag, status)),
    ...EXCHANGE_STATUSES.map((status) => exchangeKeys.statusIndexKey(tag, status)),
    ...TRANSACTION_STATUSES.map((status) => pointKeys.statusIndexKey(tag, status)),
    exchangeKeys.ratesKey(tag),
    pointKeys.accountKey(tag, USER),
    pointKeys.accountsKey(tag),
    deadlineKeys.dueKey(tag),
    deadlineKeys.closedKey(tag),
    ...ORDER_IDS.flatMap((id) => [
      indexKey(tag, id),
      orderKeys.orderKey(tag, id),
      exchangeKeys.exchangeKey(tag, id),
      pointKeys.transactionKey(tag, id),
      deadlineKeys.deadlineKey(tag, id),
    ]),
  ];
}

/** A key for Lua: what stands before the tag, which is spelled `?`, and what after it. */
export const aroundTag = (key: string) =>
  key
    .split('?')
    .map((part) => `'${part}'`)
    .join(', ');

/** The same for Lua: what stands before the tag and what after it, in turn. */
export const worldKeysLua = `local worldKeys = { ${keysOf('?').map(aroundTag).join(', ')} }`;
