import type { Stretch } from 'common/deadLetters/deadLetters';
import { type Cursor, decodeCursor } from 'common/http/paging';
import { compareIds } from 'common/log/logEntry';
import { partitionsOf } from 'common/partition/partition';
import { assert, asyncProperty, boolean, integer, tuple, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { mergedPage } from './mergedPage.ts';

type Entry = { id: string; partition: number };

const partitions = partitionsOf(2);

/** What XRANGE and XREVRANGE answer of these entries. */
function readOf(entries: readonly Entry[]) {
  return async (partition: { index: number }, { from, newestFirst, count }: Stretch): Promise<Entry[]> => {
    const sign = newestFirst ? -1 : 1;
    const own = entries.filter((entry) => entry.partition === partition.index);
    const bound = from.replace('(', '');
    const isIn = ({ id }: Entry) => {
      if (bound === '-' || bound === '+') return true;
      const distance = sign * compareIds(id, bound);
      return from.startsWith('(') ? distance > 0 : distance >= 0;
    };
    return own
      .filter(isIn)
      .sort((a, b) => sign * compareIds(a.id, b.id))
      .slice(0, count);
  };
}

async function allPages(
  entries: readonly Entry[],
  newestFirst: boolean,
  limit: number,
  wanted: (entry: Entry) => boolean,
) {
  const items: Entry[] = [];
  let cursor: Cursor | undefined;
  for (let pages = 0; ; pages += 1) {
    const page = await mergedPage({ partitions, read: readOf(entries), wanted, newestFirst, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    if (page.nextCursor === null) return { items, pages };
    cursor = decodeCursor(page.nextCursor);
  }
}

test('pages of any size, both ways, leave out nothing that is wanted and repeat nothing', async () => {
  const ids = uniqueArray(
    tuple(integer({ min: 1, max: 6 }), integer({ min: 0, max: 12 }), integer({ min: 0, max: 1 })),
    {
      selector: String,
      maxLength: 40,
    },
  );
  await assert(
    asyncProperty(ids, boolean(), integer({ min: 1, max: 9 }), async (found, newestFirst, limit) => {
      const entries = found.map(([ms, sequence, partition]) => ({ id: `${ms}-${sequence}`, partition }));
      const wanted = ({ id }: Entry) => !id.endsWith('3');
      const sign = newestFirst ? -1 : 1;
      const expected = entries
        .filter(wanted)
        .sort((a, b) => sign * (compareIds(a.id, b.id) || a.partition - b.partition));
      expect((await allPages(entries, newestFirst, limit, wanted)).items).toEqual(expected);
    }),
  );
});

test('what is rare ends a page early, and is found all the same', async () => {
  const entries = Array.from({ length: 25_000 }, (_, i) => ({ id: `${i + 1}-0`, partition: i % 2 }));
  const { items, pages } = await allPages(entries, true, 5, ({ id }) => id === '1-0' || id === '2-0');
  expect(items.map(({ id }) => id)).toEqual(['2-0', '1-0']);
  expect(pages).toBeGreaterThan(0);
});
