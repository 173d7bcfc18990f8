import { join } from 'node:path';
import { type Sweep, sweptOf } from 'common/actor/retention';
import type { ScriptAccess } from 'common/process/foundation';
import { defineScript } from 'common/script/script';
import { closedKey } from '../keys.ts';

export const sweepDeadlines = defineScript({
  name: 'sweepDeadlines',
  file: join(import.meta.dirname, 'sweepDeadlines.lua'),
  keys: ['index'],
  args: ['tag', 'retentionMs', 'offset', 'countMax'],
  replies: ['SWEPT'],
});

/** Removes the records of deadlines that are over, past their retention, and whose order is gone. */
export function deadlineSweep({ connections, scripts }: ScriptAccess, retentionMs: number): Sweep {
  return async ({ tag }, offset, countMax) => {
    const args = { tag, retentionMs, offset, countMax };
    const { rest } = await scripts.run(connections.commands, sweepDeadlines, { index: closedKey(tag) }, args);
    return sweptOf(rest);
  };
}
