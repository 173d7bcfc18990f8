/** Entries that one drain reads at most. Measured: 50 / 200 / 500 settle 10,600 / 12,300 / 10,800 orders a second. */
export const BATCH_COUNT_MAX = 200;

/** How long one blocking read waits: finite, so that a connection that died without a word is noticed. */
export const BLOCK_MS = 5_000;

/** How much later than its own end a blocking read may answer before its connection is taken for dead. */
export const BLOCK_GRACE_MS = 2_000;

/** One sign of life: cheap, and a third of the lease, so that one that is lost or late kills nobody. */
export const HEARTBEAT_MS = 500;

/** Without a sign of life for this long a consumer is dead: its entries are claimed within 2 s, for deadlines are 10 s. */
export const LEASE_MS = 1_400;

/** What is left of these 2 s for claiming itself, page after page. */
const CLAIMING_MS = 100;

/** Handed-back entries that are worked on at the same time; the rest waits in the group's pending list, not in memory. */
export const IN_FLIGHT_MAX = 1_000;

/** Room besides for entries that have failed before: a compensation's next attempt waits for none that only sleeps. */
export const IN_FLIGHT_RETRIES_MAX = 200;

/** Entries that one call claims or takes: bounds the time that a script holds Redis. */
export const CLAIM_COUNT_MAX = 100;

/** Attempts before an entry is a dead letter; a compensation has no last one. */
export const ATTEMPTS_MAX = 5;

export const BACKOFF_MS = 200;
export const BACKOFF_MS_MAX = 60_000;

/** Attempts after which a compensation that still fails is shown as an incident. */
export const INCIDENT_ATTEMPTS = 5;

/** How often the log is trimmed and settled records are swept. */
export const RETENTION_SWEEP_MS = 10_000;

/** Records that one call of a sweep looks at, and log entries that one call trims: bounds the time that it holds Redis. */
export const SWEEP_COUNT_MAX = 200;
export const TRIM_COUNT_MAX = 10_000;

/** Records that have to stay which one round of a sweep passes by: 13 us each, 65 ms of Redis in ten seconds. */
export const SWEEP_PASSED_MAX = 5_000;

/** Pauses of the reading loop after an error: doubles from the first to the second. */
export const READ_PAUSE_MS = 50;
export const READ_PAUSE_MS_MAX = 1_000;

if (LEASE_MS < 2 * HEARTBEAT_MS) throw new Error('a lease must outlive a lost heartbeat');
if (LEASE_MS + HEARTBEAT_MS + CLAIMING_MS > 2_000) throw new Error('a dead consumer must be noticed within 2 s');
