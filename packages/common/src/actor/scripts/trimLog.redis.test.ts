import { GROUPS, logKey } from 'common/events/keys';
import { Connections } from 'common/redis/connections';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RecordingRunner } from '../../../../../tests/kit/recordingRunner.ts';
import { startTestRedis } from '../../../../../tests/kit/redis.ts';
import { VirtualClock, virtualClockLua } from '../../../../../tests/kit/virtualClock.ts';
import { trimLog } from './trimLog.ts';

// Goal: nothing is trimmed that is young, that a group has not read, or that is pending somewhere. Method: ten entries at
// known times, the script alone, on a real Redis with a virtual clock.
const tag = '0';
const log = logKey(tag);
const RETENTION_MS = 1_000;

const server = await startTestRedis();
const connections = new Connections(server.url, 'trim', pino({ level: 'silent' }));
const redis = connections.commands;
const clock = new VirtualClock(redis, tag);
const runner = new RecordingRunner({ clock: virtualClockLua });
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

/** Entries at 1 ms to 10 ms since 1970, read by every group, and all of them old. */
beforeEach(async () => {
  await redis.flushall();
  for (const group of GROUPS) await redis.xgroup('CREATE', log, group, '0', 'MKSTREAM');
  for (let ms = 1; ms <= 10; ms++) await redis.xadd(log, `${ms}-1`, 'eventType', 'OrderCreated');
  for (const group of GROUPS) await redis.xgroup('SETID', log, group, '10-1');
  await clock.set(60_000);
});

const trim = () =>
  runner.run(redis, trimLog, { log }, { tag, retentionMs: RETENTION_MS, countMax: 10_000 }, [...GROUPS]);
const first = async () => (await redis.xrange(log, '-', '+', 'COUNT', 1))[0]?.[0];

test('all that is old and read goes', async () => {
  expect(await trim()).toEqual({ word: 'TRIMMED', rest: [10] });
  expect(await trim()).toEqual({ word: 'TRIMMED', rest: [0] });
});

test('what is young stays, to the millisecond', async () => {
  await clock.set(RETENTION_MS + 4);
  expect((await trim()).rest).toEqual([3]);
  expect(await first()).toBe('4-1');
});

test('what a group has not read stays', async () => {
  await redis.xgroup('SETID', log, 'point', '6-1');
  expect((await trim()).rest).toEqual([6]);
  expect(await first()).toBe('7-1');
});

test('what is pending with anybody stays', async () => {
  await redis.xclaim(log, 'exchange', 'somebody', 0, '3-1', 'FORCE', 'JUSTID');
  expect((await trim()).rest).toEqual([2]);
  expect(await first()).toBe('3-1');
  await redis.xack(log, 'exchange', '3-1');
  expect((await trim()).rest).toEqual([8]);
});

test('before every group exists nothing goes', async () => {
  await redis.xgroup('DESTROY', log, 'deadline');
  expect(await trim()).toEqual({ word: 'WAITING', rest: ['deadline'] });
  expect(await first()).toBe('1-1');
});

test('without a log, and with a clock that went back before it, nothing goes', async () => {
  await clock.set(0);
  expect((await trim()).rest).toEqual([0]);
  await redis.del(log);
  expect((await trim()).rest).toEqual([0]);
});

test('every reply was reached', () => expect(runner.unseen([trimLog])).toEqual([]));
