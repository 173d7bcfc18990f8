import type { Redis } from 'ioredis';

/** Where a member stands: its score (ms) and its name. */
export type Position = { at: number; id: string };

/**
 * The newest members of several sorted sets that are scored by time, as one list: newest first by score, then by name.
 * It reads `count` of each set at most, besides those that share the cursor's very millisecond.
 *
 * @param keys in the order in which a member moves from one to another: one that moves meanwhile is then found twice,
 *   never not at all, and is in the list once
 * @param after the last position of the page before
 */
export async function newestFirst(
  redis: Redis,
  keys: readonly string[],
  count: number,
  after?: Position,
): Promise<Position[]> {
  const distinct = new Map<string, Position>();
  for (let from = after; ; ) {
    const found = await read(redis, keys, count, from);
    for (const position of found) distinct.set(position.id, position);
    if (found.length < count || distinct.size >= count) return [...distinct.values()].slice(0, count);
    // What was found twice leaves room.
    from = found.at(-1);
  }
}

async function read(
  redis: Redis,
  keys: readonly string[],
  count: number,
  after: Position | undefined,
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
    .filter(({ at, id }) => !after || at < after.at || compareBytes(id, after.id) < 0)
    .sort((a, b) => b.at - a.at || compareBytes(b.id, a.id))
    .slice(0, count);
}

/** As Redis sorts members; JavaScript's `<` puts an emoji before what Redis puts after it, and a page would lose it. */
const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function positions(flat: readonly string[]): Position[] {
  const found: Position[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) found.push({ id: String(flat[i]), at: Number(flat[i + 1]) });
  return found;
}
