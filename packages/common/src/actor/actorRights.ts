import { deadKey, type Group, indexKey, leaseKey, logKey, retryKey } from 'common/events/keys';
import type { Rights } from 'common/script/rights';
import type { actorScripts } from './actorScripts.ts';
import { bury, heartbeat, ownPending, postpone, takeDue } from './scripts/pendingScripts.ts';
import { trimLog } from './scripts/trimLog.ts';

/** What the runtime of one actor does in Redis, its transitions included. */
export const actorRights = (group: Group, { drain, handle }: ReturnType<typeof actorScripts>): Rights => ({
  scripts: [drain, handle, postpone, bury, takeDue, heartbeat, ownPending, trimLog],
  commands: ['XREAD', 'XRANGE', 'XGROUP CREATE'],
  keys: (tag, name) => [
    { key: logKey(tag), type: 'stream' },
    { key: deadKey(tag), type: 'stream' },
    { key: indexKey(tag, name), type: 'list' },
    { key: retryKey(tag, group), type: 'zset' },
    { key: leaseKey(tag, group), type: 'zset' },
  ],
});
