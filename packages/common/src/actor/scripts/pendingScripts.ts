import { join } from 'node:path';
import { defineScript } from 'common/script/script';

const file = (name: string) => join(import.meta.dirname, `${name}.lua`);

/** Counts a failed attempt: the entry waits for its next one, or is a dead letter after its last. */
export const postpone = defineScript({
  name: 'postpone',
  file: file('postpone'),
  keys: ['log', 'retry'],
  args: ['tag', 'group', 'consumer', 'id', 'cause', 'attemptsMax', 'backoffMs', 'backoffMsMax'],
  replies: ['POSTPONED', 'BURIED', 'DUPLICATE'],
});

/** Moves a pending entry to the dead letters at once. */
export const bury = defineScript({
  name: 'bury',
  file: file('bury'),
  keys: ['log', 'retry'],
  args: ['tag', 'group', 'id', 'reason', 'cause'],
  replies: ['BURIED', 'DUPLICATE'],
});

/** Takes the entries whose next attempt is due. */
export const takeDue = defineScript({
  name: 'takeDue',
  file: file('takeDue'),
  keys: ['log', 'retry'],
  args: ['tag', 'group', 'consumer', 'countMax', 'backoffMsMax'],
  replies: ['TAKEN'],
});

/** Renews this consumer's lease and claims what dead consumers have left. */
export const heartbeat = defineScript({
  name: 'heartbeat',
  file: file('heartbeat'),
  keys: ['log', 'lease', 'retry'],
  args: ['tag', 'group', 'consumer', 'leaseMs', 'countMax', 'backoffMsMax'],
  replies: ['ALIVE'],
});

/** Lists what is pending with this consumer and not waiting for a retry. */
export const ownPending = defineScript({
  name: 'ownPending',
  file: file('ownPending'),
  keys: ['log', 'retry'],
  args: ['group', 'consumer', 'after', 'countMax'],
  replies: ['PENDING'],
});
