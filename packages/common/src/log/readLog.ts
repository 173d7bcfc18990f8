import { indexKey, logKey } from 'common/events/keys';
import type { Redis } from 'ioredis';
import { type LogEntry, logEntry } from './logEntry.ts';

/** Why a group did nothing with an event, as the order's index keeps it. */
export type IgnoredNote = { group: string; eventId: string; why: string; lateMs: number; at: number };

export type OrderHistory = { entries: LogEntry[]; ignored: IgnoredNote[] };

/** Everything the log holds of one order, in the order of the log; entries that were trimmed away are left out. */
export async function readOrderHistory(redis: Redis, tag: string, orderId: number): Promise<OrderHistory> {
  const items = await redis.lrange(indexKey(tag, orderId), 0, -1);
  const notes = items.filter((item) => item.startsWith('ignored '));
  const ids = items.filter((item) => !item.startsWith('ignored '));
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.xrange(logKey(tag), id, id);
  const replies = ids.length > 0 ? ((await pipeline.exec()) ?? []) : [];
  const entries = replies.flatMap(([error, found]) => {
    if (error) throw error;
    return (found as [string, string[]][]).map(logEntry);
  });
  return { entries, ignored: notes.map(ignoredNote) };
}

function ignoredNote(item: string): IgnoredNote {
  const [, group = '', eventId = '', why = '', lateMs, at] = item.split(' ');
  return { group, eventId, why, lateMs: Number(lateMs), at: Number(at) };
}

/**
 * A stretch of the log, oldest first.
 *
 * @param after the id to begin after; '-' is the beginning
 */
export async function readForward(redis: Redis, tag: string, after: string, count: number): Promise<LogEntry[]> {
  const start = after === '-' ? '-' : `(${after}`;
  return (await redis.xrange(logKey(tag), start, '+', 'COUNT', count)).map(logEntry);
}

/**
 * A stretch of the log, newest first.
 *
 * @param before the id to begin before; '+' is the end
 */
export async function readBackward(redis: Redis, tag: string, before: string, count: number): Promise<LogEntry[]> {
  const start = before === '+' ? '+' : `(${before}`;
  return (await redis.xrevrange(logKey(tag), start, '-', 'COUNT', count)).map(logEntry);
}

/** The id of the log's last entry, to listen from; '0-0' where there is none. */
export async function lastLogId(redis: Redis, tag: string): Promise<string> {
  const [last] = await redis.xrevrange(logKey(tag), '+', '-', 'COUNT', 1);
  return last?.[0] ?? '0-0';
}
