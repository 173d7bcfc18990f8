import { OVERDUE_MS } from 'order/scripts/sweepPending';

/**
 * Only the order of the moments counts, but entry ids are of Redis' own clock, and the log is trimmed by them: the virtual
 * clock starts at the real one, and its days are longer than a walk.
 */
export const START_MS = Date.now();
export const DEADLINE_MS = 86_400_000;
export const RETENTION_MS = 10 * DEADLINE_MS;

/** When the deadline of every order is. */
export const DUE_MS = START_MS + DEADLINE_MS;

/** The moments that a transition can tell apart: of each guard the last one before it and the first one in it. */
export const CLOCK = [
  { ms: START_MS, name: 'placed' },
  { ms: DUE_MS, name: 'at the deadline' },
  { ms: DUE_MS + OVERDUE_MS, name: 'half a second overdue' },
  { ms: DUE_MS + RETENTION_MS / 2, name: 'half the retention after the deadline' },
  { ms: DUE_MS + RETENTION_MS, name: 'the retention is over' },
] as const;

/** From this moment on the log is trimmed and records are swept. */
export const RETENTION_MOMENT = 4;
