/** /events as a list, before a real Redis with two partitions whose logs the tests write by hand. */
import { logKey } from 'common/events/keys';
import { expect, test } from 'vitest';
import { handWrittenLog } from '../../../tests/kit/handWrittenLog.ts';
import { startGateway } from '../../../tests/kit/startGateway.ts';
import { until } from '../../../tests/kit/until.ts';

const log = handWrittenLog(2);

const gateway = () => startGateway({ REDIS_URL: log.url, PARTITIONS: '2' });

type Page = { items: { id: string; eventType: string; orderId: number }[]; nextCursor: string | null };

async function pageAt(url: string, query = ''): Promise<Page> {
  // The first requests may come before the gateway has its connection.
  const answer = await until('the log to be readable', async () => {
    const got = await fetch(`${url}/events${query}`);
    return got.status === 503 ? undefined : got;
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Page;
}

const idsOf = ({ items }: Page) => items.map(({ id }) => id);

test('an event is shown as everywhere: numbers as numbers, times in ISO 8601, a rate as a decimal', async () => {
  await log.write(1, 'ExchangeSucceed', '5-0', {
    userId: 'jjy',
    currencyId: '1',
    amount: 2,
    rate: 1_150_000,
    point: 3,
    causationId: '4-0',
  });
  await log.write(1, 'Unheard', '6-0', { anything: 'goes' });
  const { items } = await pageAt(await gateway());
  expect(items).toEqual([
    expect.objectContaining({ id: '6-0', eventType: 'Unheard', anything: 'goes', orderId: '1' }),
    {
      id: '5-0',
      eventType: 'ExchangeSucceed',
      version: 1,
      orderId: 1,
      timestamp: '2023-11-14T22:13:20.000Z',
      deadline: '2023-11-14T22:13:30.000Z',
      causationId: '4-0',
      userId: 'jjy',
      currencyId: '1',
      amount: 2,
      rate: '1.15',
      point: 3,
    },
  ]);
});

test('the logs of all partitions are one, newest first, and pages of any size leave out nothing and repeat nothing', async () => {
  // The same ids in both logs, the same milliseconds, sequences of two digits.
  const ids = ['1-0', '1-1', '1-9', '1-10', '2-0', '3-0', '3-1'];
  for (const id of ids) for (const orderId of [1, 2]) await log.write(orderId, 'OrderPlaced', id, { holderId: 'jjy' });
  await log.write(2, 'OrderPlaced', '4-0', { holderId: 'jjy' });
  const url = await gateway();
  const all = await pageAt(url);
  expect(all.nextCursor).toBeNull();
  expect(idsOf(all)).toEqual(['4-0', ...ids.toReversed().flatMap((id) => [id, id])]);
  for (const limit of [1, 2, 3, 14, 15]) {
    const items: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await pageAt(url, `?limit=${limit}${cursor && `&cursor=${cursor}`}`);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(items).toEqual(all.items);
  }
});

test('by type, by order, by both', async () => {
  for (const orderId of [1, 2, 3]) {
    for (const type of ['OrderCreated', 'PointUsed', 'OrderPlaced']) await log.write(orderId, type, '*');
  }
  const url = await gateway();
  const shown = async (query: string) =>
    (await pageAt(url, query)).items.map(({ orderId, eventType }) => [Number(orderId), eventType]);
  expect((await shown('?type=PointUsed')).toSorted()).toEqual([
    [1, 'PointUsed'],
    [2, 'PointUsed'],
    [3, 'PointUsed'],
  ]);
  expect(await shown('?orderId=3')).toEqual([
    [3, 'OrderPlaced'],
    [3, 'PointUsed'],
    [3, 'OrderCreated'],
  ]);
  expect(await shown('?orderId=2&type=OrderCreated')).toEqual([[2, 'OrderCreated']]);
  expect(await shown('?orderId=4')).toEqual([]);
  const { items, nextCursor } = await pageAt(url, '?orderId=3&limit=2');
  expect(items).toHaveLength(2);
  expect((await pageAt(url, `?orderId=3&limit=2&cursor=${nextCursor}`)).items).toMatchObject([
    { eventType: 'OrderCreated' },
  ]);
});

test('a type that is rare ends a page early, with a cursor to go on from', async () => {
  const key = logKey('0');
  const pipeline = log.redis.pipeline().xadd(key, '1-0', 'eventType', 'DeadlineReached');
  for (let i = 1; i <= 20_000; i += 1) pipeline.xadd(key, `2-${i}`, 'eventType', 'OrderPlaced');
  await pipeline.xadd(key, '3-0', 'eventType', 'DeadlineReached').exec();
  const url = await startGateway({ REDIS_URL: log.url, PARTITIONS: '1' });
  const first = await pageAt(url, '?type=DeadlineReached');
  expect(idsOf(first)).toEqual(['3-0']);
  const second = await pageAt(url, `?type=DeadlineReached&cursor=${first.nextCursor}`);
  expect([idsOf(second), second.nextCursor]).toEqual([['1-0'], null]);
});

test('what is no filter is refused by name', async () => {
  const answer = await fetch(`${await gateway()}/events?type=Nothing&orderId=x&limit=0&cursor=%20`);
  expect(answer.status).toBe(400);
  const { errors } = (await answer.json()) as { errors: { field: string }[] };
  expect(errors.map(({ field }) => field).toSorted()).toEqual(['cursor', 'limit', 'orderId', 'type']);
});
