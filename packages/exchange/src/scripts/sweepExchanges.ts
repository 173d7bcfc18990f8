import { join } from 'node:path';
import { type Sweep, sweptOf } from 'common/actor/retention';
import type { ScriptAccess } from 'common/process/foundation';
import { defineScript } from 'common/script/script';
import type { ExchangeStatus } from '../exchange.ts';
import { statusIndexKey } from '../keys.ts';

export const sweepExchanges = defineScript({
  name: 'sweepExchanges',
  file: join(import.meta.dirname, 'sweepExchanges.lua'),
  keys: ['index'],
  args: ['tag', 'status', 'retentionMs', 'offset', 'countMax'],
  replies: ['SWEPT'],
});

/** Removes the records of one status that are past their retention and whose order is gone. */
export function exchangeSweep(
  { connections, scripts }: ScriptAccess,
  status: ExchangeStatus,
  retentionMs: number,
): Sweep {
  return async ({ tag }, offset, countMax) => {
    const keys = { index: statusIndexKey(tag, status) };
    const args = { tag, status, retentionMs, offset, countMax };
    const { rest } = await scripts.run(connections.commands, sweepExchanges, keys, args);
    return sweptOf(rest);
  };
}
