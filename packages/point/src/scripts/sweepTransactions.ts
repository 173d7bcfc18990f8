import { join } from 'node:path';
import { type Sweep, sweptOf } from 'common/actor/retention';
import type { ScriptAccess } from 'common/process/foundation';
import { defineScript } from 'common/script/script';
import { statusIndexKey } from '../keys.ts';
import type { TransactionStatus } from '../transaction.ts';

export const sweepTransactions = defineScript({
  name: 'sweepTransactions',
  file: join(import.meta.dirname, 'sweepTransactions.lua'),
  keys: ['index'],
  args: ['tag', 'status', 'retentionMs', 'offset', 'countMax'],
  replies: ['SWEPT'],
});

/** Removes the transactions of one status that are past their retention and whose order is gone. */
export function transactionSweep(
  { connections, scripts }: ScriptAccess,
  status: TransactionStatus,
  retentionMs: number,
): Sweep {
  return async ({ tag }, offset, countMax) => {
    const keys = { index: statusIndexKey(tag, status) };
    const args = { tag, status, retentionMs, offset, countMax };
    const { rest } = await scripts.run(connections.commands, sweepTransactions, keys, args);
    return sweptOf(rest);
  };
}
