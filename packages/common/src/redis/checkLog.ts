import { StartRefusal } from 'common/config/startRefusal';
import type { Redis } from 'ioredis';

/** How far Redis' clock may be behind the log's last entry: two hosts that agree by NTP differ by less. */
const CLOCK_BACK_MS_MAX = 1_000;

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
        `${key} is a ${type}, not a stream: another program uses this Redis; give the saga its own`,
      );
    }
  }
  const behindMs = await clockBehindMs(redis, log);
  if (behindMs > CLOCK_BACK_MS_MAX) {
    const seconds = (behindMs / 1_000).toFixed(1);
    throw new StartRefusal(
      `Redis' clock is ${seconds} s behind the last entry of ${log}: set the server's clock right`,
    );
  }
}

/** How far Redis' time is behind the log's last entry, in ms; 0 or less where it is not. */
export async function clockBehindMs(redis: Redis, log: string): Promise<number> {
  const [time, [last]] = await Promise.all([redis.time(), redis.xrevrange(log, '+', '-', 'COUNT', 1)]);
  if (!last) return 0;
  const now = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  return Number(last[0].split('-')[0]) - now;
}
