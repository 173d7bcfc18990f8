import { deadKey, leaseKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { Connections } from 'common/redis/connections';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpKeyspace } from '../../../../../tests/kit/keyspace.ts';
import { RecordingRunner } from '../../../../../tests/kit/recordingRunner.ts';
import { startTestRedis } from '../../../../../tests/kit/redis.ts';
import { VirtualClock, virtualClockLua } from '../../../../../tests/kit/virtualClock.ts';
import { bury, heartbeat, ownPending, postpone, takeDue } from './pendingScripts.ts';

// Goal: the pending list loses nothing, whoever dies or comes second. Method: each script alone, on a real Redis with a
// virtual clock, up to every reply; and with every key that it touches of a wrong type.
const tag = '0';
const group = 'exchange';
const NOW = 1_700_000_000_000;
const LEASE_MS = 1_500;
const keys = { log: logKey(tag), retry: retryKey(tag, group), lease: leaseKey(tag, group) };

const server = await startTestRedis();
const connections = new Connections(server.url, 'pending', pino({ level: 'silent' }));
const redis = connections.commands;
const clock = new VirtualClock(redis, tag);
const runner = new RecordingRunner({ clock: virtualClockLua });
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

let ids: string[] = [];
/** Five entries that consumer `old` has read and not done. */
beforeEach(async () => {
  await redis.flushall();
  await clock.set(NOW);
  await redis.xgroup('CREATE', keys.log, group, '0', 'MKSTREAM');
  ids = [];
  for (const extra of 'abcde')
    ids.push(String(await redis.xadd(keys.log, '*', 'eventType', 'OrderCreated', 'extra', extra)));
  await redis.xreadgroup('GROUP', group, 'old', 'STREAMS', keys.log, '>');
});

const id = (i = 0) => String(ids[i]);
const run = {
  postpone: (args: Partial<Record<'id' | 'attemptsMax' | 'backoffMsMax', string | number>> = {}) =>
    runner.run(redis, postpone, keys, {
      ...{
        tag,
        group,
        consumer: 'me',
        id: id(),
        cause: 'it fails',
        attemptsMax: 3,
        backoffMs: 200,
        backoffMsMax: 1_000,
      },
      ...args,
    }),
  bury: (which = id()) =>
    runner.run(redis, bury, keys, { tag, group, id: which, reason: 'MALFORMED', cause: 'amount' }),
  takeDue: (countMax = 10) => runner.run(redis, takeDue, keys, { tag, group, consumer: 'me', countMax }),
  heartbeat: (consumer = 'me', countMax = 10) =>
    runner.run(redis, heartbeat, keys, { tag, group, consumer, leaseMs: LEASE_MS, countMax }),
  ownPending: (consumer: string, after = '-', countMax = 10) =>
    runner.run(redis, ownPending, keys, { group, consumer, after, countMax }),
};

async function pending(): Promise<[string, string, number][]> {
  const found = (await redis.xpending(keys.log, group, '-', '+', 100)) as [string, string, number, number][];
  return found.map(([entry, consumer, , attempts]) => [entry, consumer, attempts]);
}

async function deadLetters(): Promise<Record<string, string>[]> {
  return (await redis.xrange(deadKey(tag), '-', '+')).map(([, flat]) => entryFields(flat));
}

const consumers = async () => ((await redis.xinfo('CONSUMERS', keys.log, group)) as string[][]).map(([, name]) => name);
const leases = async () => redis.zrange(keys.lease, '0', '-1', 'WITHSCORES');

describe('postpone', () => {
  test('an attempt is counted, and the pause doubles up to its bound', async () => {
    const delays: unknown[] = [];
    for (let i = 1; i <= 5; i++) {
      const { word, rest } = await run.postpone({ attemptsMax: 0 });
      expect([word, rest[0]]).toEqual(['POSTPONED', 1 + i]);
      delays.push(rest[1]);
    }
    expect(delays).toEqual(['400', '800', '1000', '1000', '1000']);
    expect((await pending())[0]).toEqual([id(), 'me', 6]);
    expect(await redis.zscore(keys.retry, id())).toBe(String(NOW + 1_000));
  });

  test('the last attempt ends in the dead letters', async () => {
    expect((await run.postpone()).word).toBe('POSTPONED');
    expect(await run.postpone()).toEqual({ word: 'BURIED', rest: [3] });
    const why = { 'dead.reason': 'FAILED', 'dead.cause': 'it fails', 'dead.attempts': '3', 'dead.at': String(NOW) };
    expect(await deadLetters()).toEqual([
      { ...why, 'dead.group': group, 'dead.id': id(), eventType: 'OrderCreated', extra: 'a' },
    ]);
    expect(await redis.exists(keys.retry)).toBe(0);
    expect(await pending()).toHaveLength(4);
  });

  test('a trimmed entry ends there at once', async () => {
    await redis.xdel(keys.log, id());
    expect((await run.postpone({ attemptsMax: 0 })).word).toBe('BURIED');
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id() }]);
    expect(await pending()).toHaveLength(4);
  });

  test('one that is done already is left alone', async () => {
    await redis.xack(keys.log, group, id());
    expect(await run.postpone()).toEqual({ word: 'DUPLICATE', rest: [] });
    expect(await redis.exists(keys.retry, deadKey(tag))).toBe(0);
  });
});

describe('bury', () => {
  test('an entry is a dead letter and no longer pending, once', async () => {
    expect((await run.bury()).word).toBe('BURIED');
    expect((await run.bury()).word).toBe('DUPLICATE');
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'MALFORMED', 'dead.cause': 'amount', extra: 'a' }]);
    expect((await pending()).map(([entry]) => entry)).toEqual(ids.slice(1));
  });

  test('of a trimmed entry its id is kept', async () => {
    await redis.xdel(keys.log, id());
    await run.bury();
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id() }]);
  });

  test('a monster of an entry can be buried, with its first fields', async () => {
    const fields = Array.from({ length: 4_500 }, (_, i) => [`field${i}`, `${i}`]).flat();
    const monster = String(await redis.xadd(keys.log, '*', ...fields));
    await redis.xreadgroup('GROUP', group, 'old', 'STREAMS', keys.log, '>');
    expect((await run.bury(monster)).word).toBe('BURIED');
    expect((await deadLetters())[0]).toMatchObject({ field0: '0', field3499: '3499' });
  });
});

describe('takeDue', () => {
  test('takes what is due by now, whoever had it, and tells when the next one is', async () => {
    for (const [i, ms] of [-5, 0, 1].entries()) await redis.zadd(keys.retry, NOW + ms, id(i));
    expect(await run.takeDue()).toEqual({ word: 'TAKEN', rest: [ids.slice(0, 2), '1'] });
    expect((await pending()).map(([, consumer]) => consumer)).toEqual(['me', 'me', 'old', 'old', 'old']);
    expect(await redis.zrange(keys.retry, '0', '-1')).toEqual([id(2)]);
    await clock.set(NOW + 1);
    expect(await run.takeDue()).toEqual({ word: 'TAKEN', rest: [[id(2)], ''] });
  });

  test('no more than it was asked for', async () => {
    for (const entry of ids) await redis.zadd(keys.retry, NOW - 1, entry);
    expect((await run.takeDue(2)).rest).toEqual([ids.slice(0, 2), '0']);
  });

  test('one that is done is forgotten, one that was trimmed is a dead letter', async () => {
    for (const entry of ids.slice(0, 2)) await redis.zadd(keys.retry, NOW - 1, entry);
    await redis.xack(keys.log, group, id(0));
    await redis.xdel(keys.log, id(1));
    expect((await run.takeDue()).rest).toEqual([[], '']);
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id(1) }]);
    expect(await redis.exists(keys.retry)).toBe(0);
  });
});

describe('heartbeat', () => {
  test('a consumer without a lease, or with one of the future, gets a fresh one', async () => {
    await redis.zadd(keys.lease, NOW + LEASE_MS + 1, 'old');
    expect((await run.heartbeat()).rest).toEqual([[], '', []]);
    expect(await leases()).toEqual(['me', String(NOW), 'old', String(NOW)]);
    await redis.del(keys.lease);
    expect((await run.heartbeat()).rest).toEqual([[], '', []]);
    expect(await leases()).toEqual(['me', String(NOW), 'old', String(NOW)]);
  });

  test('a lease that has just not run out is respected; 1 ms later all its entries are claimed', async () => {
    await redis.zadd(keys.lease, NOW - LEASE_MS, 'old');
    expect((await run.heartbeat()).rest[0]).toEqual([]);
    await clock.set(NOW + 1);
    expect((await run.heartbeat()).rest).toEqual([ids, '', ['old']]);
    expect((await pending()).map(([, consumer]) => consumer)).toEqual(ids.map(() => 'me'));
    expect(await consumers()).toEqual(['me']);
    expect(await leases()).toEqual(['me', String(NOW + 1)]);
  });

  test('a consumer is deleted only with nothing pending', async () => {
    await redis.zadd(keys.lease, NOW - LEASE_MS - 1, 'old');
    expect((await run.heartbeat('me', 5)).rest).toEqual([ids, '', []]);
    expect(await consumers()).toContain('old');
    expect(await pending()).toHaveLength(5);
    expect((await run.heartbeat('me', 5)).rest).toEqual([[], '', ['old']]);
    expect(await pending()).toHaveLength(5);
  });

  test('nobody claims from itself, and old leases of nobody go', async () => {
    await redis.zadd(keys.lease, NOW - 10 * LEASE_MS - 1, 'never seen');
    await redis.zadd(keys.lease, NOW - 2 * LEASE_MS, 'old');
    expect((await run.heartbeat('old')).rest).toEqual([[], '', []]);
    expect(await leases()).toEqual(['old', String(NOW)]);
  });

  test('what was trimmed while it was pending is a dead letter; what waits for its retry goes on waiting', async () => {
    await redis.zadd(keys.lease, NOW - LEASE_MS - 1, 'old');
    await redis.xdel(keys.log, id(1));
    await redis.zadd(keys.retry, NOW + 70, id(0));
    expect((await run.heartbeat()).rest).toEqual([
      ids.filter((each) => each !== id(0) && each !== id(1)),
      '70',
      ['old'],
    ]);
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id(1) }]);
  });
});

describe('ownPending', () => {
  test('page after page, without those that wait for a retry', async () => {
    await redis.zadd(keys.retry, NOW, id(1));
    expect(await run.ownPending('old', '-', 2)).toEqual({ word: 'PENDING', rest: [[id(0)], `(${id(1)}`] });
    expect((await run.ownPending('old', `(${id(1)}`, 2)).rest).toEqual([[id(2), id(3)], `(${id(3)}`]);
    expect((await run.ownPending('old', `(${id(3)}`, 2)).rest).toEqual([[id(4)], '']);
    expect((await run.ownPending('me')).rest).toEqual([[], '']);
  });
});

describe('a key of a wrong type', () => {
  const broken = Object.entries({
    postpone: [deadKey(tag), keys.retry],
    bury: [deadKey(tag), keys.retry],
    takeDue: [deadKey(tag), keys.retry],
    heartbeat: [deadKey(tag), keys.retry, keys.lease],
    ownPending: [keys.retry],
  } satisfies Record<keyof typeof run, string[]>).flatMap(([script, each]) => each.map((key) => ({ script, key })));

  test.each(broken)('$script: $key', async ({ script, key }) => {
    if (key !== keys.retry) await redis.zadd(keys.retry, NOW - 1, id());
    if (key !== keys.lease) await redis.zadd(keys.lease, NOW - LEASE_MS - 1, 'old');
    await redis.set(key, 'of the wrong type');
    if (script === 'postpone') await redis.xclaim(keys.log, group, 'old', 0, id(), 'RETRYCOUNT', 2, 'JUSTID');
    const before = [await dumpKeyspace(redis), await pending()];
    const { [script]: tried } = { ...run, ownPending: () => run.ownPending('old') } as Record<string, () => unknown>;
    await expect(tried?.()).rejects.toThrow('WRONGTYPE');
    expect([await dumpKeyspace(redis), await pending()]).toEqual(before);
  });
});

test('every reply of these scripts was reached', () => {
  expect(runner.unseen([postpone, bury, takeDue, heartbeat, ownPending])).toEqual([]);
});
