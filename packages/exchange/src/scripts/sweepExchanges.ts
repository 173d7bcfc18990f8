import { join } from 'node:path';
import type { Sweep } from 'common/actor/retention';
import type { Foundation } from 'common/process/foundation';
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
  { connections, scripts }: Foundation,
  status: ExchangeStatus,
  retentionMs: number,
): Sweep {
  return async ({ tag }, offset, countMax) => {
    const keys = { index: statusIndexKey(tag, status) };
    const args = { tag, status, retentionMs, offset, countMax };
    const { rest } = await scripts.run(connections.commands, sweepExchanges, keys, args);
    return { seen: Number(rest[0]), removed: Number(rest[1]) };
  };
}
