import type { Rights } from 'common/script/rights';
import { accountKey, accountsKey, requestKey, statusIndexKey, transactionKey } from './keys.ts';
import { deposit } from './scripts/deposit.ts';
import { openAccount } from './scripts/openAccount.ts';
import { sweepTransactions } from './scripts/sweepTransactions.ts';
import { TRANSACTION_STATUSES } from './transaction.ts';

/** What the service does in Redis besides its actor. */
export const pointRights: Rights = {
  scripts: [deposit, openAccount, sweepTransactions],
  commands: ['HGETALL', 'ZREVRANGEBYSCORE'],
  keys: (tag, name) => [
    { key: accountKey(tag, name), type: 'hash' },
    { key: transactionKey(tag, name), type: 'hash' },
    { key: accountsKey(tag), type: 'zset' },
    ...TRANSACTION_STATUSES.map((status) => ({ key: statusIndexKey(tag, status), type: 'zset' }) as const),
    { key: requestKey(tag, name), type: 'string' },
  ],
};
