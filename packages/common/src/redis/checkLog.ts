import { StartRefusal } from 'common/config/startRefusal';
import type { Redis } from 'ioredis';

/** How far Redis' clock may be behind the log's last entry: two hosts that agree by NTP differ by less. */
export const CLOCK_BACK_MS_MAX = 1_000;

/** Keys that must be streams, or not be there at all. */
export type LogKeys = { log: string; dead: string };

/**
 * Holds what is stored against what will be written to it: another program's key of the same name, or a clock that went
 * back, would be found out only in the middle of the work.
 *
 * @throws StartRefusal that names the key or the clocks
 */
export async function checkLog(redis: Redis, { log, dead }: LogKeys): Promise<void> {
  for (const key of [log, dead]) {
    const type = await redis.type(key);
    if (type !== 'stream' && type !== 'none') {
      throw new StartRefusal(
        `${key} is a ${type}, not a stream: another program uses this Redis; give the saga its own (REDIS_URL)`,
      );
    }
  }
  const behindMs = await clockBehindMs(redis, log);
  if (behindMs > CLOCK_BACK_MS_MAX) {
    const seconds = (behindMs / 1_000).toFixed(1);
    throw new StartRefusal(
      `Redis' clock is ${seconds} s behind the last entry of ${log}: set its server's clock right, or wait so long`,
    );
  }
}

/** How far Redis' time is behind the log's last entry, trimmed ones included, in ms; 0 or less where it is not. */
export async function clockBehindMs(redis: Redis, log: string): Promise<number> {
  const [time, info] = await Promise.all([redis.time(), redis.xinfo('STREAM', log).catch(noStream)]);
  const fields = info as readonly unknown[];
  const lastId = String(fields[fields.indexOf('last-generated-id') + 1] ?? '0-0');
  return Number(lastId.split('-')[0]) - (Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000));
}

/** Before the first group is made there is no log. */
function noStream(error: unknown): unknown[] {
  if (error instanceof Error && error.message.includes('no such key')) return [];
  throw error;
}
