import type { Cursor } from 'common/http/paging';
import { encodeCursor } from 'common/http/paging';
import { compareIds, type LogEntry } from 'common/log/logEntry';
import { readBackward, readOrderHistory } from 'common/log/readLog';
import { type Partition, partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import type { Redis } from 'ioredis';
import { cursorOf, type Place, placeOf } from './logCursor.ts';
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
  const begin = cursor && placeOf(cursor);
  const countMax = filter.type === undefined ? Math.min(limit + 1, readCountMax) : readCountMax;
  const newest =
    filter.orderId === undefined
      ? merged(partitions.map((partition) => backward(commands, partition, begin, countMax)))
      : ofOrder(commands, partitionOfOrder(filter.orderId, partitions), filter.orderId);
  const found: Placed[] = [];
  let scanned = 0;
  for await (const placed of newest) {
    if (begin && compare(placeIn(placed), begin) <= 0) continue;
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
  nextCursor: last ? encodeCursor(cursorOf(placeIn(last))) : null,
});

/** Newest first: negative where `a` comes before `b`. */
function compare(a: Place, b: Place): number {
  return compareIds(b.id, a.id) || b.partition - a.partition;
}

/** One partition's log from `begin` on, newest first; it begins with that very id, which other logs may have too. */
async function* backward(redis: Redis, partition: Partition, begin: Place | undefined, countMax: number) {
  let before = begin ? following(begin.id) : '+';
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
      (best, head) => (best && compare(placeIn(best.value), placeIn(head.value)) < 0 ? best : head),
      undefined,
    );
    if (!first) return;
    yield first.value;
    const head = heads.find(({ log }) => log === first.log);
    if (head) head.next = await head.log.next();
  }
}

const placeIn = ({ entry, partition }: Placed): Place => ({ id: entry.id, partition: partition.index });

/** The least id that is greater. */
function following(id: string): string {
  const [ms, sequence] = id.split('-');
  return `${ms}-${Number(sequence) + 1}`;
}
