import { partitionOfHolder, partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { everyPage } from '../../../tests/kit/everyPage.ts';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { startReplyCutter } from '../../../tests/kit/replyCutter.ts';
import { until } from '../../../tests/kit/until.ts';
import { accountKey, requestKey } from './keys.ts';
import { createPointService } from './service.ts';

// Goal: accounts over HTTP: opened once, paid into once for each key, listed whole, bad input named. Method: the whole
// service over three partitions in this process, on a Redis that can be killed.
const partitions = partitionsOf(3);
const server = await startTestRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
const redis = new Redis(server.url, { protocol: 2 });
redis.on('error', () => {});
const way = await startReplyCutter(server.port);
const env = { REDIS_URL: way.url, PARTITIONS: '3', LOG_LEVEL: 'silent' };
const service = await startInProcess('point', createPointService, env);

type Body = Record<string, unknown>;
const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await service.ask(method, path, { ...(body === undefined ? {} : { body }), headers });
  return { ...answer, body: answer.body as Body };
};
const get = (path: string) => ask('GET', path);
const post = (path: string, body: unknown, headers?: Record<string, string>) => ask('POST', path, body, headers);

const MAX = 9_007_199_254_740_991;
const ownKeys = async () => Promise.all(partitions.map(({ tag }) => redis.keys(`point:{${tag}}:*`)));

beforeEach(async () => {
  const keys = (await ownKeys()).flat();
  if (keys.length > 0) await redis.del(keys);
});
afterAll(async () => {
  redis.disconnect();
  await service.stop();
  await way.stop();
  await server.stop();
});

describe('opening', () => {
  test('an account, with digits in a string as HTTPie sends them', async () => {
    const opened = await post('/points', { userId: 'jjy', point: '10000' });
    expect(opened).toMatchObject({ status: 201, body: { userId: 'jjy', point: 10_000 } });
    expect(opened.headers.get('location')).toBe('/points/jjy');
    expect((await get('/points/jjy')).body).toEqual({ userId: 'jjy', point: 10_000, deposited: 10_000, used: 0 });
  });

  test('one that exists changes nothing', async () => {
    await post('/points', { userId: 'jjy', point: 1 });
    const again = await post('/points', { userId: 'jjy', point: 2 });
    expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('jjy') } });
    expect((await get('/points/jjy')).body).toMatchObject({ point: 1 });
  });

  test('the same key again gets the first answer, with another body 409', async () => {
    const key = { 'Idempotency-Key': 'k1' };
    await post('/points', { userId: 'jjy', point: 7 }, key);
    await post('/points/jjy/deposits', { point: 3 });
    expect(await post('/points', { userId: 'jjy', point: '7' }, key)).toMatchObject({
      status: 201,
      body: { point: 7 },
    });
    expect((await post('/points', { userId: 'jjy', point: 8 }, key)).status).toBe(409);
    expect((await post('/points', { userId: 'other', point: 8 }, key)).status).toBe(201);
  });

  test('ten at once: one is opened', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('/points', { userId: 'jjy', point: 5 })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
  });

  test('a user whose name has everything that a name may have', async () => {
    const userId = 'ü/{0}:% \u{1F600}';
    await post('/points', { userId, point: 1 });
    expect((await get(`/points/${encodeURIComponent(userId)}`)).body).toMatchObject({ userId, point: 1 });
    expect((await post(`/points/${encodeURIComponent(userId)}/deposits`, { point: 1 })).body).toMatchObject({
      point: 2,
    });
    expect((await get('/points')).body).toMatchObject({ items: [{ userId }] });
  });
});

describe('paying in', () => {
  test('adds up', async () => {
    await post('/points', { userId: 'jjy', point: 1 });
    expect(await post('/points/jjy/deposits', { point: 2 })).toMatchObject({
      status: 200,
      body: { userId: 'jjy', point: 3 },
    });
    expect((await get('/points/jjy')).body).toEqual({ userId: 'jjy', point: 3, deposited: 3, used: 0 });
  });

  test('the same key pays once, also when it comes twenty times at once', async () => {
    await post('/points', { userId: 'jjy', point: 1 });
    await post('/points', { userId: 'other', point: 1 });
    const key = { 'Idempotency-Key': 'k1' };
    const pay = () => post('/points/jjy/deposits', { point: 10 }, key);
    const answers = await Promise.all(Array.from({ length: 20 }, pay));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.point}`))).toEqual(new Set(['200 11']));
    await post('/points/jjy/deposits', { point: 5 });
    expect((await pay()).body).toMatchObject({ point: 11 });
    expect(await post('/points/jjy/deposits', { point: 11 }, key)).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'Idempotency-Key' }] },
    });
    expect((await post('/points/other/deposits', { point: 10 }, key)).body).toMatchObject({ point: 11 });
    expect((await get('/points/jjy')).body).toMatchObject({ point: 16 });
  });

  test('without an account 404, and the key is not used up', async () => {
    const key = { 'Idempotency-Key': 'k1' };
    expect((await post('/points/jjy/deposits', { point: 1 }, key)).status).toBe(404);
    await post('/points', { userId: 'jjy', point: 1 });
    expect((await post('/points/jjy/deposits', { point: 1 }, key)).body).toMatchObject({ point: 2 });
  });

  test('never more than 2^53 - 1 altogether, used points included', async () => {
    await post('/points', { userId: 'jjy', point: MAX - 1 });
    const { tag } = partitionOfHolder('jjy', partitions);
    await redis.hset(accountKey(tag, 'jjy'), { point: '0', used: String(MAX - 1) });
    expect(await post('/points/jjy/deposits', { point: 2 })).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'point', message: 'must be at most 1' }] },
    });
    expect((await post('/points/jjy/deposits', { point: MAX })).status).toBe(409);
    expect((await post('/points/jjy/deposits', { point: 1 })).body).toMatchObject({ point: 1 });
  });

  test('only request keys expire: a day for a key that was given, a minute for our own', async () => {
    await post('/points', { userId: 'jjy', point: 1 }, { 'Idempotency-Key': 'k1' });
    await post('/points/jjy/deposits', { point: 1 });
    const { tag } = partitionOfHolder('jjy', partitions);
    const ttls = await Promise.all((await redis.keys(requestKey(tag, '*'))).map((key) => redis.pttl(key)));
    const [own = 0, given = 0] = ttls.sort((a, b) => a - b);
    expect(own).toBeGreaterThan(50_000);
    expect(own).toBeLessThanOrEqual(60_000);
    expect(given).toBeGreaterThan(86_300_000);
    expect(given).toBeLessThanOrEqual(86_400_000);
    expect(await redis.pttl(accountKey(tag, 'jjy'))).toBe(-1);
  });
});

describe('a lost connection', () => {
  test('an account that was opened without an answer: 201, and it was opened once', async () => {
    const before = way.cuts;
    way.loseReplyTo('jjy');
    expect(await post('/points', { userId: 'jjy', point: 5 })).toMatchObject({ status: 201, body: { point: 5 } });
    expect(way.cuts).toBe(before + 1);
    expect((await post('/points', { userId: 'jjy', point: 5 })).status).toBe(409);
  });

  test('a deposit that was paid in without an answer is not paid in twice', async () => {
    await post('/points', { userId: 'jjy', point: 1 });
    const before = way.cuts;
    way.loseReplyTo('jjy');
    expect(await post('/points/jjy/deposits', { point: 10 })).toMatchObject({ status: 200, body: { point: 11 } });
    expect(way.cuts).toBe(before + 1);
    expect((await get('/points/jjy')).body).toMatchObject({ point: 11, deposited: 11 });
  });

  test('503 with Retry-After while Redis is away', async () => {
    await server.kill();
    const away = await post('/points', { userId: 'jjy', point: 1 });
    await server.restart();
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('1');
    await until('the service to be back', async () => (await get('/readyz')).status === 200);
    expect((await post('/points', { userId: 'jjy', point: 1 })).status).toBe(201);
  });
});

describe('lists', () => {
  test('accounts of all partitions, newest first, page by page', async () => {
    const users = Array.from({ length: 23 }, (_, i) => `user ${i}`);
    await Promise.all(users.map((userId) => post('/points', { userId, point: 1 })));
    expect((await ownKeys()).filter((keys) => keys.length > 0)).toHaveLength(3);
    const listed = await everyPage(service, '/points', 5);
    expect(listed.pages).toBe(5);
    expect(listed.items.map(({ userId }) => userId).sort()).toEqual(users.sort());
    const createdAt = await Promise.all(
      listed.items.map(({ userId }) => {
        const { tag } = partitionOfHolder(String(userId), partitions);
        return redis.hget(accountKey(tag, String(userId)), 'createdAt');
      }),
    );
    expect(createdAt.map(Number)).toEqual(createdAt.map(Number).sort((a, b) => b - a));
  });

  test('an empty list', async () => {
    expect((await get('/points')).body).toEqual({ items: [], nextCursor: null });
  });
});

describe('bad input names every field', () => {
  const fieldsOf = ({ body }: { body: Record<string, unknown> }) =>
    (body.errors as { field: string }[]).map(({ field }) => field);

  test.each([
    [{}, ['userId', 'point']],
    [{ userId: '', point: 0 }, ['userId', 'point']],
    [{ userId: 'a\u0000b', point: '1e3' }, ['userId', 'point']],
    [{ userId: 'x'.repeat(129), point: 1.5 }, ['userId', 'point']],
    [{ userId: 5, point: '9007199254740992' }, ['userId', 'point']],
    [{ userId: 'jjy', point: -1 }, ['point']],
  ])('%j', async (body, fields) => {
    const answer = await post('/points', body);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });

  test('of path, header and body at once; of a query; an unknown method', async () => {
    const answer = await post('/points/%00/deposits', { point: 'x' }, { 'Idempotency-Key': 'has space' });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['userId', 'Idempotency-Key', 'point']]);
    expect(fieldsOf(await get('/points?limit=501&cursor=x'))).toEqual(['limit', 'cursor']);
    expect((await ask('DELETE', '/points/jjy')).status).toBe(405);
    expect((await get('/points/nobody')).status).toBe(404);
  });
});
