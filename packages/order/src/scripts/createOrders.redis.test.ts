import { deadKey, indexKey, logKey } from 'common/events/keys';
import { ScriptRunner } from 'common/script/scriptRunner';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { dumpKeyspace } from '../../../../tests/kit/keyspace.ts';
import { placeOrder } from '../../../../tests/kit/placeOrder.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { VirtualClock, virtualClockLua } from '../../../../tests/kit/virtualClock.ts';
import { holderIndexKey, orderKey, pendingKey, requestKey, sequenceKey, statusIndexKey } from '../keys.ts';
import { type OrderIntent, type OrderPlace, placeOrders } from './createOrders.ts';

// Goal: an order is taken in once for each request, whole or not at all. Method: the script against a real Redis, with a
// clock of the test's own.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const other = new Redis(server.url, { protocol: 2 });
const runner = new ScriptRunner({ clock: virtualClockLua });
const clock = new VirtualClock(redis, '0');
const NOW = 1_700_000_000_000;

afterAll(async () => {
  redis.disconnect();
  other.disconnect();
  await server.stop();
});

beforeEach(async () => {
  await redis.config('SET', 'maxmemory', 0);
  await redis.flushall();
  await clock.set(NOW);
});

type Asked = OrderIntent & OrderPlace;

let requests = 0;
const intent = (changes: Partial<Asked> = {}): Asked => {
  requests += 1;
  return {
    holderId: 'jjy',
    currencyId: '1',
    amount: 500,
    partition: { index: 0, tag: '0' },
    partitions: 1,
    requestDigest: `a${requests}`,
    bodyDigest: 'b1',
    admit: true,
    deadlineMs: 10_000,
    requestMs: 60_000,
    ...changes,
  };
};

const place = (changes: Partial<Asked> = {}, connection = redis) => placeOrder(runner, connection, intent(changes));
const idsOf = async (...placing: ReturnType<typeof place>[]) =>
  (await Promise.all(placing)).map((created) => ('order' in created ? created.order.id : created.kind));

test('a new order: its record, its place in every index, its event', async () => {
  const created = await place({ holderId: 'jjy', amount: Number.MAX_SAFE_INTEGER });
  const times = { createdAt: NOW, deadline: NOW + 10_000, settledAt: undefined };
  const order = { holderId: 'jjy', currencyId: '1', amount: Number.MAX_SAFE_INTEGER };
  expect(created).toEqual({ kind: 'CREATED', order: { id: 1, status: 'PENDING', ...order, ...times } });
  const texts = { amount: '9007199254740991', createdAt: String(NOW), deadline: String(NOW + 10_000) };
  expect(await redis.hgetall(orderKey('0', 1))).toEqual({ status: 'PENDING', ...order, ...texts });
  const member = '0000000000000001';
  expect(await redis.zscore(pendingKey('0'), '1')).toBe(String(NOW + 10_000));
  expect(await redis.zscore(statusIndexKey('0', 'PENDING'), member)).toBe(String(NOW));
  expect(await redis.zscore(holderIndexKey('0', 'jjy'), member)).toBe(String(NOW));
  const [entry] = await redis.xrange(logKey('0'), '-', '+');
  expect(entry?.[1]).toEqual(
    ['eventType', 'OrderCreated', 'version', '1', 'orderId', '1', 'timestamp', String(NOW)].concat([
      'deadline',
      String(NOW + 10_000),
      'holderId',
      'jjy',
      'currencyId',
      '1',
      'amount',
      '9007199254740991',
    ]),
  );
  expect(await redis.lrange(indexKey('0', 1), 0, -1)).toEqual([entry?.[0]]);
});

test('ids count up in each partition and carry it', async () => {
  expect(await idsOf(place(), place(), place())).toEqual([1, 2, 3]);
  await redis.flushall();
  await clock.set(NOW);
  await new VirtualClock(redis, '1').set(NOW);
  const at = (index: number, tag: string) => place({ partition: { index, tag }, partitions: 3 });
  expect(await idsOf(at(0, '0'), at(0, '0'), at(2, '1'), at(2, '1'))).toEqual([1, 4, 3, 6]);
});

test('the same request again: the same order as it is now, and nothing is written', async () => {
  const request = intent();
  await placeOrder(runner, redis, request);
  await redis.hset(orderKey('0', 1), 'status', 'APPROVED', 'settledAt', NOW + 250);
  await clock.set(NOW + 999);
  const before = await dumpKeyspace(redis);
  const again = await placeOrder(runner, redis, request);
  expect(again).toMatchObject({ kind: 'REPLAYED', order: { id: 1, status: 'APPROVED', settledAt: NOW + 250 } });
  expect(await dumpKeyspace(redis)).toEqual(before);
});

test('the same request with another body is a conflict that names the order', async () => {
  const request = intent();
  await placeOrder(runner, redis, request);
  const before = await dumpKeyspace(redis);
  expect(await placeOrder(runner, redis, { ...request, bodyDigest: 'b2' })).toEqual({ kind: 'CONFLICT', orderId: 1 });
  expect(await dumpKeyspace(redis)).toEqual(before);
});

test('two at once with the same key make one order', async () => {
  const request = intent();
  const both = await Promise.all([placeOrder(runner, redis, request), placeOrder(runner, other, request)]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['CREATED', 'REPLAYED']);
  expect(await redis.xlen(logKey('0'))).toBe(1);
});

test('overloaded: a repetition is answered, a new order is not, and nothing is written', async () => {
  const request = intent();
  await placeOrder(runner, redis, request);
  const before = await dumpKeyspace(redis);
  expect(await placeOrder(runner, redis, { ...request, admit: false })).toMatchObject({ kind: 'REPLAYED' });
  expect(await place({ admit: false })).toEqual({ kind: 'OVERLOADED' });
  expect(await dumpKeyspace(redis)).toEqual(before);
});

test('a request whose order is not kept any more makes no second one', async () => {
  const request = intent();
  await placeOrder(runner, redis, request);
  await redis.del(orderKey('0', 1));
  expect(await placeOrder(runner, redis, request)).toEqual({ kind: 'GONE', orderId: 1 });
  expect(await redis.xlen(logKey('0'))).toBe(1);
});

test('a request key lives as long as it is told, and is all that expires', async () => {
  await place({ requestDigest: 'ee', requestMs: 60_000 });
  const left = await redis.pttl(requestKey('0', 'ee'));
  expect(left).toBeGreaterThan(50_000);
  expect(left).toBeLessThanOrEqual(60_000);
  const others = (await redis.keys('*')).filter((key) => key !== requestKey('0', 'ee'));
  expect(others).not.toEqual([]);
  for (const key of others) expect({ key, ttl: await redis.pttl(key) }).toEqual({ key, ttl: -1 });
});

test('without memory left it is refused before anything is written', async () => {
  await place();
  const before = await dumpKeyspace(redis);
  await redis.config('SET', 'maxmemory', 1);
  await expect(place()).rejects.toThrow(/^OOM /);
  await redis.config('SET', 'maxmemory', 0);
  expect(await dumpKeyspace(redis)).toEqual(before);
});

test.each([
  ['the sequence is no number', sequenceKey('0'), 'sequence of orders is no whole number', '0x10'],
  ['the sequence is used up', sequenceKey('0'), 'used up', '9007199254740991'],
  ['the order is there already', orderKey('0', 1), 'exists already'],
  ['pending is of another type', pendingKey('0'), 'WRONGTYPE'],
  ['the status index is of another type', statusIndexKey('0', 'PENDING'), 'WRONGTYPE'],
  ["the holder's index is of another type", holderIndexKey('0', 'jjy'), 'WRONGTYPE'],
  ['the log is of another type', logKey('0'), 'WRONGTYPE'],
  ['the dead letters are of another type', deadKey('0'), 'WRONGTYPE'],
  ["the order's index is of another type", indexKey('0', 1), 'WRONGTYPE'],
  ['the request key is of another type', requestKey('0', 'cc'), 'unreadable'],
])('where %s nothing is written', async (_, key, message, value = 'text') => {
  await redis.set(key, value);
  const before = await dumpKeyspace(redis);
  await expect(place({ requestDigest: 'cc' })).rejects.toThrow(message);
  expect(await dumpKeyspace(redis)).toEqual(before);
});

test('several in one call: each is answered for itself, in its turn', async () => {
  const [first, last] = [intent({ holderId: 'ann' }), intent({ holderId: 'bob', amount: 7 })];
  const intents = [
    first,
    { ...first },
    { ...first, bodyDigest: 'b2' },
    intent({ requestDigest: 'bad' }),
    intent({ admit: false }),
    last,
  ];
  await redis.set(requestKey('0', 'bad'), 'text');
  const taken = await placeOrders(runner, redis, first, intents);
  expect(taken).toMatchObject([
    { kind: 'CREATED', order: { id: 1, holderId: 'ann' } },
    { kind: 'REPLAYED', order: { id: 1 } },
    { kind: 'CONFLICT', orderId: 1 },
    { message: expect.stringContaining('unreadable') },
    { kind: 'OVERLOADED' },
    { kind: 'CREATED', order: { id: 2, holderId: 'bob', amount: 7 } },
  ]);
  expect(await redis.xlen(logKey('0'))).toBe(2);
  expect(await redis.zrange(pendingKey('0'), '0', '-1')).toEqual(['1', '2']);
});

test('one that cannot be taken in leaves nothing, and those beside it are whole', async () => {
  const intents = [intent({ holderId: 'ann' }), intent({ holderId: 'spoilt' }), intent({ holderId: 'bob' })];
  await redis.set(holderIndexKey('0', 'spoilt'), 'text');
  const taken = await placeOrders(runner, redis, intent(), intents);
  expect(taken.map((each) => (each instanceof Error ? each.message : each.kind))).toEqual([
    'CREATED',
    expect.stringContaining('WRONGTYPE'),
    'CREATED',
  ]);
  expect(await redis.exists(requestKey('0', String(intents[1]?.requestDigest)), orderKey('0', 3))).toBe(0);
  expect(await redis.hget(orderKey('0', 2), 'holderId')).toBe('bob');
  expect(await redis.xlen(logKey('0'))).toBe(2);
});
