import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadKey, logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { startSagaInProcess } from '../kit/sagaInProcess.ts';
import { until } from '../kit/until.ts';
import { type Stored, writeStored } from './stored.ts';

// Goal: what an earlier release has stored, and the events that it has published, are this one's, too: whatever was under way
// ends as it would have ended. Method: recordings of each release in the middle of its work (record.ts), moved to now, and all
// services of today on top of them.
const HANDLED_MS_MAX = 50_000;
const LOG = logKey('0');
type Ends = Readonly<Record<string, readonly [order: string, exchange: string]>>;

/** How each order ends, and its exchange. The slow one, the fourth, is in time where its deadline had not come. */
const ENDS: Ends = {
  1: ['APPROVED', 'EXCHANGED'],
  2: ['REJECTED DUE TO POINT LIMIT', 'COMPENSATED'],
  3: ['REJECTED DUE TO EXCHANGE ERROR', 'FAILED'],
  4: ['APPROVED', 'EXCHANGED'],
  5: ['REJECTED DUE TO DEADLINE', 'COMPENSATED'],
};
const TOO_LATE: Ends = { ...ENDS, 4: ['REJECTED DUE TO DEADLINE', 'VOIDED'] };
const isLate = ({ keys }: Stored) => JSON.stringify(keys['order:{0}:4']).includes('REJECTED DUE TO DEADLINE');

const files = readdirSync(import.meta.dirname).filter((file) => /^stored-.*\.json$/.test(file));
const recordings = files.map((file) => {
  const moments: Stored[] = JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'));
  return { release: file.slice('stored-'.length, -'.json'.length), moments };
});

/** Today's services on what was stored: they go on from there until everything is settled and nothing is pending. */
async function goOnFrom(stored: Stored, ends = isLate(stored) ? TOO_LATE : ENDS): Promise<void> {
  const saga = await startSagaInProcess({}, (redis) => writeStored(redis, stored));
  try {
    const ids = Object.keys(stored.keys).flatMap((key) => /^order:\{0}:(\d+)$/.exec(key)?.[1] ?? []);
    await until('all to be handled', async () => (await unhandled(saga.redis)) === 0, { timeoutMs: HANDLED_MS_MAX });
    for (const id of ids) {
      const { body } = await saga.exchange.ask('GET', `/exchanges/${id}`);
      expect([await saga.statusOf(Number(id)), (body as { status: string }).status], `order ${id}`).toEqual(ends[id]);
      expect((await saga.order.ask('GET', `/orders/${id}/events`)).status).toBe(200);
    }
    const used = ends === ENDS ? 1_000 : 500;
    expect((await saga.point.ask('GET', '/points/jjy')).body).toMatchObject({ point: 10_000 - used, used });
    expect((await saga.point.ask('GET', '/transactions/1')).body).toMatchObject({ status: 'USED', pointUsed: 500 });
    expect(await saga.redis.exists(deadKey('0'))).toBe(0);
    // A request that the earlier release has answered is answered as it was.
    const again = {
      body: { holderId: 'jjy', currencyId: '1', amount: 500 },
      headers: { 'Idempotency-Key': 'approved' },
    };
    expect((await saga.order.ask('POST', '/orders', again)).body).toMatchObject({ id: 1 });
  } finally {
    await saga.stop();
  }
}

/** What groups have not read, or have pending. */
async function unhandled(redis: Redis): Promise<number> {
  const groups = (await redis.xinfo('GROUPS', LOG)) as unknown[][];
  const field = (flat: unknown[], name: string) => Number(flat[flat.indexOf(name) + 1]);
  const [newest] = await redis.xrevrange(LOG, '+', '-', 'COUNT', 1);
  const unread = groups.filter((flat) => flat[flat.indexOf('last-delivered-id') + 1] !== newest?.[0]).length;
  return unread + groups.reduce((sum, flat) => sum + field(flat, 'pending'), 0);
}

test('there is a recording', () => expect(recordings).not.toEqual([]));

describe.concurrent.each(recordings)('release $release', ({ moments }) => {
  const [placed] = moments;
  const over = moments.at(-1);

  test.each(moments)('stopped when orders were $moment', { timeout: 90_000 }, (stored) => goOnFrom(stored));

  test('every event is read anew where the groups were lost', { timeout: 90_000 }, async () => {
    if (over) await goOnFrom({ ...over, groups: [] });
  });

  test('every event that it published has its effect, where nobody had acted on one', { timeout: 90_000 }, async () => {
    if (!placed || !over) return;
    const entries = over.keys[LOG]?.value as [string, string[]][];
    expect(new Set(entries.map(([, fields]) => entryFields(fields).eventType)).size).toBe(10);
    // All of them while the orders are in time.
    const value = entries.map(([, fields], i) => [`${placed.at}-${i}`, fields]);
    await goOnFrom({ ...placed, keys: { ...placed.keys, [LOG]: { type: 'stream', value } } }, TOO_LATE);
  });
});
