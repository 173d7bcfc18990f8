import type { Cursor } from 'common/http/paging';
import { encodeCursor } from 'common/http/paging';
import { compareIds, type LogEntry } from 'common/log/logEntry';
import { readBackward, readOrderHistory } from 'common/log/readLog';
import { type Partition, partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import type { Redis } from 'ioredis';
import { isWanted, type LogFilter } from './logFilter.ts';

/** Entries of one read; a filtered page reads them in full, for most are not wanted. */
const readCountMax = 500;
/** A rare type does not make one request read the whole log: the page then ends early, with a cursor to go on from. */
const scanCountMax = 20_000;

/** An entry and the partition whose log it is in: ids are unique within one only. */
type Placed = { entry: LogEntry; partition: Partition };

export type EventPage = { items: LogEntry[]; nextCursor: string | null };

/**
 * A page of the logs of all partitions as one, newest first. It may have fewer items than `limit`, even none, and still a
 * next page: after 20,000 entries that were not wanted.
 */
export async function eventPage(
  { connections: { commands }, partitions }: Foundation,
  { limit, cursor, ...filter }: LogFilter & { limit: number; cursor: Cursor | undefined },
): Promise<EventPage> {
  const countMax = filter.type === undefined ? Math.min(limit + 1, readCountMax) : readCountMax;
  const newest =
    filter.orderId === undefined
      ? merged(partitions.map((partition) => backward(commands, partition, cursor, countMax)))
      : ofOrder(commands, partitionOfOrder(filter.orderId, partitions), filter.orderId);
  const found: Placed[] = [];
  let scanned = 0;
  for await (const placed of newest) {
    if (!isAfter(placed, cursor)) continue;
    scanned += 1;
    if (isWanted(placed.entry, filter)) {
      if (found.length === limit) return page(found, found.at(-1));
      found.push(placed);
    }
    if (scanned === scanCountMax) return page(found, placed);
  }
  return page(found, undefined);
}

const page = (found: readonly Placed[], last: Placed | undefined): EventPage => ({
  items: found.map(({ entry }) => entry),
  nextCursor: last ? encodeCursor(cursorOf(last)) : null,
});

/** `at` is the id's milliseconds, `id` its sequence and the partition: together they order the entries of all logs. */
function cursorOf({ entry, partition }: Placed): Cursor {
  const [ms = '0', sequence = '0'] = entry.id.split('-');
  return { at: Number(ms), id: `${sequence}-${partition.index}` };
}

/** Where a cursor stands in the log of its partition, and the partition. */
function placeOf({ at, id }: Cursor): { id: string; index: number } {
  const [sequence, index] = id.split('-').map(Number);
  return { id: `${at}-${sequence || 0}`, index: index || 0 };
}

/** Newest first: negative where `a` comes before `b`. */
function compare(a: { id: string; index: number }, b: { id: string; index: number }): number {
  return compareIds(b.id, a.id) || b.index - a.index;
}

function isAfter({ entry, partition }: Placed, cursor: Cursor | undefined): boolean {
  return cursor === undefined || compare({ id: entry.id, index: partition.index }, placeOf(cursor)) > 0;
}

/** One partition's log from the cursor on, newest first; it begins with the cursor's own id, which other logs may have too. */
async function* backward(redis: Redis, partition: Partition, cursor: Cursor | undefined, countMax: number) {
  let before = cursor ? `${cursor.at}-${Number(cursor.id.split('-')[0]) + 1}` : '+';
  for (;;) {
    const entries = await readBackward(redis, partition.tag, before, countMax);
    for (const entry of entries) yield { entry, partition };
    const last = entries.at(-1);
    if (!last || entries.length < countMax) return;
    before = last.id;
  }
}

async function* ofOrder(redis: Redis, partition: Partition, orderId: number): AsyncGenerator<Placed> {
  const { entries } = await readOrderHistory(redis, partition.tag, orderId);
  for (const entry of entries.toReversed()) yield { entry, partition };
}

/** Several logs, each newest first, as one. */
async function* merged(logs: readonly AsyncGenerator<Placed>[]): AsyncGenerator<Placed> {
  const heads = await Promise.all(logs.map(async (log) => ({ log, next: await log.next() })));
  for (;;) {
    const open = heads.flatMap(({ log, next }) => (next.done ? [] : [{ log, value: next.value }]));
    const first = open.reduce<(typeof open)[number] | undefined>(
      (best, head) => (best && compare(keyOf(best.value), keyOf(head.value)) < 0 ? best : head),
      undefined,
    );
    if (!first) return;
    yield first.value;
    const head = heads.find(({ log }) => log === first.log);
    if (head) head.next = await head.log.next();
  }
}

const keyOf = ({ entry, partition }: Placed) => ({ id: entry.id, index: partition.index });
