import { GROUPS, leaseKey } from 'common/events/keys';
import type { Rights } from 'common/script/rights';
import { holderIndexKey, orderKey, pendingKey, requestKey, sequenceKey, statusIndexKey } from './keys.ts';
import { ORDER_STATUSES } from './order.ts';
import { createOrders } from './scripts/createOrders.ts';
import { sweepOrders } from './scripts/sweepOrders.ts';
import { sweepPending } from './scripts/sweepPending.ts';

/** What the service does in Redis besides its actor. */
export const orderRights: Rights = {
  scripts: [createOrders, sweepOrders, sweepPending],
  commands: ['HGETALL', 'ZREVRANGEBYSCORE', 'LRANGE', 'XREAD', 'XRANGE', 'XREVRANGE', 'XINFO GROUPS'],
  keys: (tag, name) => [
    { key: orderKey(tag, name), type: 'hash' },
    { key: pendingKey(tag), type: 'zset' },
    { key: holderIndexKey(tag, name), type: 'zset' },
    ...ORDER_STATUSES.map((status) => ({ key: statusIndexKey(tag, status), type: 'zset' }) as const),
    { key: sequenceKey(tag), type: 'string' },
    { key: requestKey(tag, name), type: 'string' },
    // Admission asks whether the other services are alive.
    ...GROUPS.map((group) => ({ key: leaseKey(tag, group), forms: ['ZCOUNT $ 0 1'] })),
  ],
};
