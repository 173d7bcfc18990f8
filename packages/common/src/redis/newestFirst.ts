import type { Redis } from 'ioredis';

/** Where a member stands: its score (ms) and its name. */
export type Position = { at: number; id: string };

/**
 * The newest members of several sorted sets that are scored by time, as one list: newest first by score, then by name.
 * It reads `count` of each set at most, besides those that share the cursor's very millisecond.
 *
 * @param after the last position of the page before
 */
export async function newestFirst(
  redis: Redis,
  keys: readonly string[],
  count: number,
  after?: Position,
): Promise<Position[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) {
    if (after) pipeline.zrevrangebyscore(key, after.at, after.at, 'WITHSCORES');
    pipeline.zrevrangebyscore(key, after ? `(${after.at}` : '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, count);
  }
  const replies = (await pipeline.exec()) ?? [];
  return replies
    .flatMap(([error, reply]) => {
      if (error) throw error;
      return positions(reply as string[]);
    })
    .filter(({ at, id }) => !after || at < after.at || id < after.id)
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
    .slice(0, count);
}

function positions(flat: readonly string[]): Position[] {
  const found: Position[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) found.push({ id: String(flat[i]), at: Number(flat[i + 1]) });
  return found;
}
