import type { Redis } from 'ioredis';

/** Reads many hashes in one round trip; a key without one is undefined. */
export async function readHashes(
  redis: Redis,
  keys: readonly string[],
): Promise<(Record<string, string> | undefined)[]> {
  if (keys.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.hgetall(key);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, reply]) => {
    if (error) throw error;
    const hash = reply as Record<string, string>;
    return Object.keys(hash).length > 0 ? hash : undefined;
  });
}
