import { discard, redrive } from 'common/deadLetters/scripts/deadLetterScripts';
import { deadKey, deadRecordKey, indexKey, logKey } from 'common/events/keys';
import type { Rights } from 'common/script/rights';

/** What the gateway does in Redis: it shows the log and the dead letters, and sends these again. */
export const gatewayRights: Rights = {
  scripts: [redrive, discard],
  commands: ['XREAD', 'XRANGE', 'XREVRANGE', 'XLEN', 'LRANGE'],
  keys: (tag, name) => [
    { key: logKey(tag), type: 'stream' },
    { key: indexKey(tag, name), type: 'list' },
    { key: deadKey(tag), type: 'stream' },
    { key: deadRecordKey(tag), type: 'stream' },
  ],
};
