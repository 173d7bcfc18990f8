import type { Redis } from 'ioredis';

export type KeyDump = { type: string; value: unknown };

/** Everything a Redis holds, by key: two of them are equal where nothing at all has changed. */
export type Keyspace = Readonly<Record<string, KeyDump>>;

/** Dumps every key but those left out; consumer groups are no part of it. */
export async function dumpKeyspace(redis: Redis, leftOut: readonly string[] = []): Promise<Keyspace> {
  const keys = (await redis.keys('*')).filter((key) => !leftOut.includes(key)).sort();
  const types = await answers(redis, keys, (pipeline, key) => pipeline.type(key));
  const values = await answers(redis, keys, (pipeline, key, i) => READS[String(types[i])]?.(pipeline, key));
  return Object.fromEntries(keys.map((key, i) => [key, { type: String(types[i]), value: values[i] }]));
}

type Pipeline = ReturnType<Redis['pipeline']>;

const READS: Readonly<Record<string, (pipeline: Pipeline, key: string) => unknown>> = {
  string: (pipeline, key) => pipeline.get(key),
  hash: (pipeline, key) => pipeline.hgetall(key),
  list: (pipeline, key) => pipeline.lrange(key, 0, -1),
  set: (pipeline, key) => pipeline.smembers(key),
  zset: (pipeline, key) => pipeline.zrange(key, '0', '-1', 'WITHSCORES'),
  stream: (pipeline, key) => pipeline.xrange(key, '-', '+'),
};

async function answers(
  redis: Redis,
  keys: readonly string[],
  ask: (pipeline: Pipeline, key: string, i: number) => unknown,
): Promise<unknown[]> {
  if (keys.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const [i, key] of keys.entries()) ask(pipeline, key, i);
  return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}

/** The keys whose contents differ. */
export function changedKeys(before: Keyspace, after: Keyspace): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

/** The same with the ids of the log's entries numbered and those of other streams left out, for comparing two runs. */
export function withoutIds(keyspace: Keyspace, log: string): unknown {
  const known = Object.entries(keyspace).map(([key, { type, value }]) => {
    const nameless = type === 'stream' && key !== log;
    return [key, nameless ? (value as Entry[]).map(([, flat]) => flat) : value];
  });
  const ids = ((keyspace[log]?.value ?? []) as Entry[]).map(([id]) => id);
  return JSON.parse(ids.reduce((text, id, i) => text.replaceAll(id, `#${i}`), JSON.stringify(known)));
}

type Entry = [string, string[]];
