import type { Stretch } from 'common/deadLetters/deadLetters';
import { type Cursor, encodeCursor } from 'common/http/paging';
import { compareIds } from 'common/log/logEntry';
import type { Partition } from 'common/partition/partition';
import { cursorOf, type Place, placeOf } from './logCursor.ts';

const READ_COUNT_MAX = 500;
/** What is rare does not make one request read whole streams: the page then ends early, with a cursor to go on from. */
const SCAN_COUNT_MAX = 10_000;

export type MergedPageOptions<T extends Place> = {
  partitions: readonly Partition[];
  read: (partition: Partition, stretch: Stretch) => Promise<T[]>;
  wanted: (item: T) => boolean;
  newestFirst: boolean;
  limit: number;
  cursor: Cursor | undefined;
};

export type MergedPage<T> = { items: T[]; nextCursor: string | null };

/** A page of the wanted entries of every partition's stream as one list; it may be short, even empty, and have a next one. */
export async function mergedPage<T extends Place>(options: MergedPageOptions<T>): Promise<MergedPage<T>> {
  const { partitions, newestFirst, limit } = options;
  const order = comparison(newestFirst);
  const parts = await Promise.all(partitions.map((partition) => readPart(options, partition)));
  // Beyond the place that some partition was not read to, what is next is not known.
  const [horizon] = parts.flatMap(({ end }) => (end ? [end] : [])).sort(order);
  const found = parts.flatMap((part) => part.found).sort(order);
  const known = horizon ? found.filter((item) => order(item, horizon) <= 0) : found;
  const items = known.slice(0, limit);
  const last = known.length > limit ? items.at(-1) : horizon;
  return { items, nextCursor: last ? encodeCursor(cursorOf(last)) : null };
}

/** What is wanted of one partition after the cursor, and where reading ended where that is not the stream's end. */
async function readPart<T extends Place>(
  { read, wanted, newestFirst, limit, cursor }: MergedPageOptions<T>,
  partition: Partition,
): Promise<{ found: T[]; end: Place | undefined }> {
  const order = comparison(newestFirst);
  const begin = cursor && placeOf(cursor);
  const found: T[] = [];
  let from = begin?.id ?? (newestFirst ? '+' : '-');
  for (let scanned = 0; scanned < SCAN_COUNT_MAX; scanned += READ_COUNT_MAX) {
    const entries = await read(partition, { from, newestFirst, count: READ_COUNT_MAX });
    for (const entry of entries) {
      if ((begin && order(entry, begin) <= 0) || !wanted(entry)) continue;
      found.push(entry);
      if (found.length > limit) return { found, end: entry };
    }
    const last = entries.at(-1);
    if (!last || entries.length < READ_COUNT_MAX) return { found, end: undefined };
    from = `(${last.id}`;
    if (scanned + READ_COUNT_MAX >= SCAN_COUNT_MAX) return { found, end: last };
  }
  return { found, end: undefined };
}

const comparison = (newestFirst: boolean) => (a: Place, b: Place) =>
  (newestFirst ? -1 : 1) * (compareIds(a.id, b.id) || a.partition - b.partition);
