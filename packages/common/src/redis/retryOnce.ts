import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { whenReady } from './connections.ts';

/** How long a request waits for a lost connection to come back: a restart of Redis is over by then, patience is not. */
const RETURN_MS_MAX = 1_000;

/** A socket may be gone a moment before the connection's status says so. */
const STATUS_LAG_MS = 25;

/**
 * Runs `attempt`, and once more where the connection was lost under it: as soon as it is back, within a second.
 * Nobody knows whether the first attempt took effect, so both must carry the same request key.
 *
 * @param redis the connection that `attempt` uses
 * @throws the first attempt's error where the connection does not come back, or the second one's
 */
export async function retryOnce<T>(redis: Redis, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isLostConnection(error)) throw error;
    await sleep(STATUS_LAG_MS);
    await whenReady(redis, AbortSignal.timeout(RETURN_MS_MAX)).catch(() => Promise.reject(error));
    return attempt();
  }
}

/** How ioredis and sockets word it; a time-out is none of them: a Redis that hangs would be waited for twice. */
const MESSAGES = [
  'Connection is closed',
  "Stream isn't writeable",
  'Reached the max retries per request',
  'Command aborted due to connection close',
];
const CODES: readonly unknown[] = ['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE'];

function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return MESSAGES.some((start) => error.message.startsWith(start)) || ('code' in error && CODES.includes(error.code));
}
