import { logKey } from 'common/events/keys';
import { partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { everyPage } from '../../../tests/kit/everyPage.ts';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { exchangeKey, ratesKey, statusIndexKey } from './keys.ts';
import { createExchangeService } from './service.ts';

// Goal: rates as an operator sets them, what they do to an order, exchanges listed whole. Method: the whole service over
// three partitions in this process on a real Redis; events as the order service writes them.
const partitions = partitionsOf(3);
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const service = await startInProcess('exchange', createExchangeService, { REDIS_URL: server.url, PARTITIONS: '3' });

type Body = Record<string, unknown>;
const get = async (path: string) => {
  const { status, body } = await service.ask('GET', path);
  return { status, body: body as Body };
};
const putRate = async (currencyId: string, body: unknown) => {
  const answer = await service.ask('PUT', `/rates/${encodeURIComponent(currencyId)}`, { body });
  return { status: answer.status, body: answer.body as Body };
};

/** Orders 1, 4, 7, ... live in the first partition, 2, 5, ... in the second, 3, 6, ... in the third. */
const tagOf = (orderId: number) => partitions[(orderId - 1) % 3]?.tag ?? '';

/** An order of one user, priced by the service; its exchange as clients see it. */
async function exchanged(orderId: number, currencyId: string, amount: number): Promise<Body> {
  const times = { timestamp: Date.now(), deadline: Date.now() + 60_000 };
  const event = { eventType: 'OrderCreated', version: 1, orderId, ...times, holderId: 'jjy', currencyId, amount };
  await redis.xadd(logKey(tagOf(orderId)), '*', ...Object.entries(event).flat());
  return until(`the exchange of order ${orderId}`, async () => {
    const { status, body } = await get(`/exchanges/${orderId}`);
    return status === 200 && body;
  });
}

beforeEach(async () => {
  const keys = (await Promise.all(partitions.map(({ tag }) => redis.keys(`exchange:{${tag}}:*`)))).flat();
  if (keys.length > 0) await redis.del(keys);
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
  await server.stop();
});

describe('setting a rate', () => {
  test('every partition has it, exact, and it is listed once; setting it again replaces it', async () => {
    expect(await putRate('2', { rate: 1.15 })).toEqual({
      status: 200,
      body: { currencyId: '2', rate: '1.15', suspended: false },
    });
    await putRate('10', { rate: '0.000001', suspended: 'true' });
    await putRate('2', { rate: '1000' });
    const stored = await Promise.all(partitions.map(({ tag }) => redis.hgetall(ratesKey(tag))));
    expect(stored).toEqual(Array(3).fill({ 2: '1000000000:0', 10: '1:1' }));
    expect((await get('/rates')).body).toEqual({
      items: [
        { currencyId: '10', rate: '0.000001', suspended: true },
        { currencyId: '2', rate: '1000', suspended: false },
      ],
    });
  });

  test.each([
    ['0.1', '0.1'],
    [0.1, '0.1'],
    ['0', '0'],
    ['999.999999', '999.999999'],
    [4.35, '4.35'],
    ['1.150000', '1.15'],
  ])('the decimal %j is %s, no neighbour of it', async (rate, text) => {
    expect((await putRate('2', { rate })).body).toMatchObject({ rate: text });
    expect((await get('/rates')).body).toMatchObject({ items: [{ rate: text }] });
  });

  test.each([
    ['a rate above 1000', { rate: '1000.000001' }, ['rate']],
    ['seven digits', { rate: '1.1234567' }, ['rate']],
    ['an exponent', { rate: 1e-7 }, ['rate']],
    ['less than nothing', { rate: -1 }, ['rate']],
    ['nothing', {}, ['rate']],
    ['neither rate nor flag', { rate: 'much', suspended: 'maybe' }, ['rate', 'suspended']],
  ])('%s is refused by name, and nothing is set', async (_, body, fields) => {
    const answer = await putRate('2', body);
    expect(answer.status).toBe(400);
    expect((answer.body.errors as { field: string }[]).map(({ field }) => field)).toEqual(fields);
    expect((await get('/rates')).body).toEqual({ items: [] });
  });

  test('a currency that is no name is refused together with its rate', async () => {
    const { status, body } = await putRate('a\u0000b', { rate: 'x' });
    expect([status, body.errors]).toMatchObject([400, [{ field: 'currencyId' }, { field: 'rate' }]]);
  });
});

describe('an order', () => {
  test('is priced by the rate of its currency, in every partition alike; one without a rate by 1', async () => {
    await putRate('2', { rate: '1.15' });
    for (const orderId of [1, 2, 3]) {
      expect(await exchanged(orderId, '2', 50)).toMatchObject({ status: 'EXCHANGED', rate: '1.15', point: 58 });
    }
    expect(await exchanged(4, '3', 50)).toMatchObject({ status: 'EXCHANGED', rate: '1', point: 50 });
  });

  test('is priced by the copy of its own partition', async () => {
    await putRate('2', { rate: 1 });
    await redis.hset(ratesKey(tagOf(2)), '2', '2000000:0');
    expect([await exchanged(11, '2', 10), await exchanged(12, '2', 10)]).toMatchObject([
      { rate: '2', point: 20 },
      { rate: '1', point: 10 },
    ]);
  });

  test('of a suspended currency fails, of one whose suspension is over it does not', async () => {
    await putRate('2', { rate: 1, suspended: true });
    const failed = await exchanged(21, '2', 10);
    expect(failed).toMatchObject({ status: 'FAILED', reason: 'SUSPENDED', userId: 'jjy', amount: 10 });
    expect(failed).not.toHaveProperty('point');
    await putRate('2', { rate: 1 });
    expect(await exchanged(22, '2', 10)).toMatchObject({ status: 'EXCHANGED', point: 10 });
  });

  test('that would cost nothing, or more than there is, fails', async () => {
    await putRate('2', { rate: '0.000001' });
    await putRate('3', { rate: 1000 });
    expect(await exchanged(31, '2', 1)).toMatchObject({ status: 'FAILED', reason: 'INVALID_PRICE' });
    expect(await exchanged(32, '3', Number.MAX_SAFE_INTEGER)).toMatchObject({ reason: 'INVALID_PRICE' });
  });
});

describe('exchanges', () => {
  /** A record and its place in the index, as the script writes them. */
  async function record(orderId: number, status: string, at: number): Promise<void> {
    const hash = { status, userId: 'jjy', currencyId: '1', amount: 5, rate: 1_000_000, point: 5, deadline: at, at };
    await redis.hset(exchangeKey(tagOf(orderId), orderId), hash);
    await redis.zadd(statusIndexKey(tagOf(orderId), status), at, `${orderId}`.padStart(16, '0'));
  }
  const AT = 1_700_000_000_000;
  const idsOf = (items: readonly Body[]) => items.map(({ orderId }) => orderId);

  test('newest first over all partitions, those of one millisecond by number, page by page each once', async () => {
    for (const orderId of [101, 102, 103, 104, 105, 106, 107]) await record(orderId, 'EXCHANGED', AT);
    await record(9, 'EXCHANGED', AT + 1);
    await record(200, 'EXCHANGED', AT - 1);
    const expected = [9, 107, 106, 105, 104, 103, 102, 101, 200];
    for (const limit of [1, 2, 4, 9, 10]) {
      const { items, pages } = await everyPage(service, '/exchanges', limit);
      expect([limit, idsOf(items)]).toEqual([limit, expected]);
      expect(pages).toBe(Math.ceil(expected.length / limit));
    }
  });

  test('of one status: the standing ones where nothing is said', async () => {
    for (const [i, status] of ['EXCHANGED', 'FAILED', 'VOIDED', 'COMPENSATED'].entries()) {
      await record(i + 1, status, AT);
      const { items } = (await get(`/exchanges?status=${status}`)).body as { items: Body[] };
      expect(items).toMatchObject([{ orderId: i + 1, status }]);
    }
    expect((await get('/exchanges')).body).toMatchObject({ items: [{ status: 'EXCHANGED' }], nextCursor: null });
  });

  test('one that is swept away between index and record is left out', async () => {
    await record(1, 'EXCHANGED', AT);
    await record(2, 'EXCHANGED', AT);
    await redis.del(exchangeKey(tagOf(2), 2));
    expect(idsOf((await get('/exchanges')).body.items as Body[])).toEqual([1]);
  });

  test('one by its order, as it stands; a tombstone has no price', async () => {
    await record(1, 'EXCHANGED', AT);
    const prices = { currencyId: '1', amount: 5, rate: '1', point: 5 };
    const createdAt = '2023-11-14T22:13:20.000Z';
    expect((await get('/exchanges/1')).body).toEqual({
      ...{ orderId: 1, status: 'EXCHANGED', userId: 'jjy', createdAt },
      ...prices,
    });
    await redis.hset(exchangeKey(tagOf(2), 2), { status: 'VOIDED', userId: 'jjy', deadline: AT, at: AT });
    expect((await get('/exchanges/2')).body).toEqual({ orderId: 2, status: 'VOIDED', userId: 'jjy', createdAt });
  });

  test('what is not there is a 404 that names the order, what is no order or page a 400 that names the field', async () => {
    expect(await get('/exchanges/5')).toMatchObject({ status: 404, body: { detail: 'Order 5 has no exchange.' } });
    for (const [path, field] of [
      ['/exchanges/five', 'orderId'],
      ['/exchanges?status=LOST', 'status'],
      ['/exchanges?limit=501', 'limit'],
      ['/exchanges?cursor=x', 'cursor'],
    ]) {
      expect(await get(path ?? '')).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    }
  });
});
