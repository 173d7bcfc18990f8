import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { dumpKeyspace } from '../../../../../tests/kit/keyspace.ts';
import { LEASE_MS, NOW, startPendingBench } from '../../../../../tests/kit/pendingBench.ts';
import { bury, ownPending, postpone } from './pendingScripts.ts';

// Goal: the pending list loses nothing, whoever dies or comes second. Method: each script alone, on a real Redis with a
// virtual clock, up to every reply; and with every key that it touches of a wrong type.
const bench = await startPendingBench();
const { group, keys, dead, redis, runner, ids, id, run, pending, deadLetters } = bench;
beforeEach(bench.fill);
afterAll(bench.stop);

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
    expect(await run.postpone()).toEqual({ word: 'BURIED', rest: [3, 'FAILED'] });
    const why = { 'dead.reason': 'FAILED', 'dead.cause': 'it fails', 'dead.attempts': '3', 'dead.at': String(NOW) };
    expect(await deadLetters()).toEqual([
      { ...why, 'dead.group': group, 'dead.id': id(), eventType: 'OrderCreated', extra: 'a' },
    ]);
    expect(await redis.exists(keys.retry)).toBe(0);
    expect(await pending()).toHaveLength(4);
  });

  test('a trimmed entry ends there at once', async () => {
    await redis.xdel(keys.log, id());
    expect(await run.postpone({ attemptsMax: 0 })).toEqual({ word: 'BURIED', rest: [1 + 1, 'TRIMMED'] });
    expect(await deadLetters()).toMatchObject([{ 'dead.reason': 'TRIMMED', 'dead.id': id() }]);
    expect(await pending()).toHaveLength(4);
  });

  test('one that is done already is left alone', async () => {
    await redis.xack(keys.log, group, id());
    expect(await run.postpone()).toEqual({ word: 'DUPLICATE', rest: [] });
    expect(await redis.exists(keys.retry, dead)).toBe(0);
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

  test('why it is here is said by us alone', async () => {
    const claims = { 'dead.reason': 'FAILED', 'dead.group': 'order', 'dead.more': 'x', extra: 'of tomorrow' };
    const liar = String(await redis.xadd(keys.log, '*', ...Object.entries(claims).flat()));
    await redis.xreadgroup('GROUP', group, 'old', 'STREAMS', keys.log, '>');
    await run.bury(liar);
    const why = { 'dead.reason': 'MALFORMED', 'dead.cause': 'amount', 'dead.group': group, 'dead.id': liar };
    const rest = { 'dead.attempts': '1', 'dead.at': String(NOW), extra: 'of tomorrow' };
    expect(await deadLetters()).toEqual([{ ...why, ...rest }]);
  });

  test('a monster of an entry can be buried, with its first fields', async () => {
    const fields = Array.from({ length: 4_500 }, (_, i) => [`field${i}`, `${i}`]).flat();
    const monster = String(await redis.xadd(keys.log, '*', ...fields));
    await redis.xreadgroup('GROUP', group, 'old', 'STREAMS', keys.log, '>');
    expect((await run.bury(monster)).word).toBe('BURIED');
    expect((await deadLetters())[0]).toMatchObject({ field0: '0', field3499: '3499' });
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
    postpone: [dead, keys.retry],
    bury: [dead, keys.retry],
    takeDue: [dead, keys.retry],
    heartbeat: [dead, keys.retry, keys.lease],
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
  expect(runner.unseen([postpone, bury, ownPending])).toEqual([]);
});
