import { join } from 'node:path';
import { type Sweep, sweptOf } from 'common/actor/retention';
import { logKey } from 'common/events/keys';
import type { ScriptAccess } from 'common/process/foundation';
import { defineScript } from 'common/script/script';
import { statusIndexKey } from '../keys.ts';
import type { OrderStatus } from '../order.ts';

export const sweepOrders = defineScript({
  name: 'sweepOrders',
  file: join(import.meta.dirname, 'sweepOrders.lua'),
  keys: ['index', 'log'],
  args: ['tag', 'status', 'retentionMs', 'offset', 'countMax'],
  replies: ['SWEPT'],
});

/** Removes the orders of one settled status that are past their retention and whose events have all left the log. */
export function orderSweep({ connections, scripts }: ScriptAccess, status: OrderStatus, retentionMs: number): Sweep {
  return async ({ tag }, offset, countMax) => {
    const keys = { index: statusIndexKey(tag, status), log: logKey(tag) };
    const args = { tag, status, retentionMs, offset, countMax };
    const { rest } = await scripts.run(connections.commands, sweepOrders, keys, args);
    return sweptOf(rest);
  };
}
