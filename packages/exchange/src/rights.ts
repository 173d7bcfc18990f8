import type { Rights } from 'common/script/rights';
import { EXCHANGE_STATUSES } from './exchange.ts';
import { exchangeKey, ratesKey, statusIndexKey } from './keys.ts';
import { sweepExchanges } from './scripts/sweepExchanges.ts';

/** What the service does in Redis besides its actor. */
export const exchangeRights: Rights = {
  scripts: [sweepExchanges],
  commands: ['HGETALL', 'HSET', 'ZREVRANGEBYSCORE'],
  keys: (tag, name) => [
    { key: exchangeKey(tag, name), type: 'hash' },
    { key: ratesKey(tag), type: 'hash' },
    ...EXCHANGE_STATUSES.map((status) => ({ key: statusIndexKey(tag, status), type: 'zset' }) as const),
  ],
};
