import { logKey } from 'common/events/keys';
import type { Redis } from 'ioredis';
import { dumpKeyspace, type KeyDump } from '../kit/keyspace.ts';

const LOG = logKey('0');
/** Every recorded moment counts from here, so that a recording can be played at any time. */
const BEGINNING_MS = 1_700_000_000_000;
const DAY_MS = 86_400_000;

type StoredGroup = { name: string; lastId: string; pending: string[] };

/** All that a release kept in Redis at one moment of its work. */
export type Stored = { moment: string; at: number; keys: Record<string, StoredKey>; groups: StoredGroup[] };

/** `expiresInMs` of a request key; nothing else expires. */
type StoredKey = KeyDump & { expiresInMs?: number };

/** @param begunAt what becomes the beginning: times are kept as their distance from it */
export async function readStored(redis: Redis, moment: string, begunAt: number): Promise<Stored> {
  const keys: Record<string, StoredKey> = await dumpKeyspace(redis);
  for (const [key, stored] of Object.entries(keys)) {
    const expiresInMs = await redis.pttl(key);
    if (expiresInMs > 0) keys[key] = { ...stored, expiresInMs };
  }
  const groups: StoredGroup[] = [];
  for (const flat of (await redis.xinfo('GROUPS', LOG)) as unknown[][]) {
    const field = (name: string) => String(flat[flat.indexOf(name) + 1]);
    const pending = (await redis.xpending(LOG, field('name'), '-', '+', 100)) as unknown[][];
    groups.push({ name: field('name'), lastId: field('last-delivered-id'), pending: pending.map(([id]) => `${id}`) });
  }
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  const at = seconds * 1_000 + Math.floor(micros / 1_000);
  return shifted({ moment, at, keys, groups }, begunAt, BEGINNING_MS - begunAt);
}

/** Puts all of it into an empty Redis, as if the moment were now. */
export async function writeStored(redis: Redis, stored: Stored): Promise<void> {
  const [seconds = 0] = (await redis.time()).map(Number);
  const { keys, groups } = shifted(stored, BEGINNING_MS, seconds * 1_000 - stored.at);
  for (const [key, { type, value, expiresInMs }] of Object.entries(keys)) {
    await WRITES[type]?.(redis, key, value);
    if (expiresInMs !== undefined) await redis.pexpire(key, expiresInMs);
  }
  for (const { name, lastId, pending } of groups) {
    await redis.xgroup('CREATE', LOG, name, lastId);
    for (const id of pending) await redis.xclaim(LOG, name, 'of the release before', 0, id, 'FORCE', 'JUSTID');
  }
}

const WRITES: Readonly<Record<string, (redis: Redis, key: string, value: unknown) => Promise<unknown>>> = {
  string: (redis, key, value) => redis.set(key, String(value)),
  hash: (redis, key, value) => redis.hset(key, value as Record<string, string>),
  list: (redis, key, value) => redis.rpush(key, ...(value as string[])),
  async zset(redis, key, value) {
    const flat = value as string[];
    for (let i = 0; i < flat.length; i += 2) await redis.zadd(key, String(flat[i + 1]), String(flat[i]));
  },
  async stream(redis, key, value) {
    for (const [id, fields] of value as [string, string[]][]) await redis.xadd(key, id, ...fields);
  },
};

/** The same, with every time that is within a day after `from` moved by `ms`, wherever it stands. */
function shifted(stored: Stored, from: number, ms: number): Stored {
  const text = JSON.stringify(stored).replaceAll(/(?<!\d)1\d{12}(?!\d)/g, (digits) => {
    const time = Number(digits);
    return time >= from && time < from + DAY_MS ? String(time + ms) : digits;
  });
  return JSON.parse(text);
}
