import { deadKey, logKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { Connections } from 'common/redis/connections';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { RecordingRunner } from '../../../../tests/kit/recordingRunner.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { DeadLetters } from './deadLetters.ts';
import { discard, redrive } from './scripts/deadLetterScripts.ts';

// Goal: a dead letter is sent again whole, once, or given up with a reason, and the record tells which. Method: letters as
// the actors bury them, on a real Redis.
const partition = { index: 0, tag: '0' };
const server = await startTestRedis();
const connections = new Connections(server.url, 'letters', pino({ level: 'silent' }));
const redis = connections.commands;
const runner = new RecordingRunner();
const letters = new DeadLetters(redis, runner, [partition]);
beforeAll(() => connections.connect());
beforeEach(() => redis.flushall());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

async function bury(originalId: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const why = { 'dead.reason': 'FAILED', 'dead.cause': 'it fails', 'dead.group': 'exchange', 'dead.id': originalId };
  const letter = { ...why, 'dead.attempts': '5', 'dead.at': '1700000000000', ...fields };
  return String(await redis.xadd(deadKey(partition.tag), '*', ...Object.entries(letter).flat()));
}

const log = async () => (await redis.xrange(logKey(partition.tag), '-', '+')).map(([, flat]) => entryFields(flat));

test('a letter is sent again with every field, once, and the record says so', async () => {
  const event = { eventType: 'OrderCreated', orderId: '1', unknown: 'field' };
  const id = await bury('5-1', event);
  expect(await letters.redrive(partition, id, 'mended')).toBe('REDRIVEN');
  expect(await letters.redrive(partition, id, 'mended')).toBe('GONE');
  expect(await log()).toEqual([event]);
  expect(await letters.count()).toBe(0);
  const did = { action: 'REDRIVEN', letter: id, original: '5-1', why: 'mended' };
  expect(await letters.actions(partition, 10)).toMatchObject([{ partition: 0, fields: did }]);
});

test('one is found by its id, and by no other', async () => {
  const id = await bury('5-1', { eventType: 'OrderCreated', orderId: '1' });
  await bury('6-1', { eventType: 'OrderCreated', orderId: '2' });
  expect(await letters.find(partition, id)).toMatchObject({ id, originalId: '5-1', fields: { orderId: '1' } });
  expect(await letters.find(partition, '1-1')).toBeUndefined();
});

test('one whose entry was trimmed away has nothing to send, and stays', async () => {
  const id = await bury('5-1', {});
  expect(await letters.redrive(partition, id, 'mended')).toBe('EMPTY');
  expect(await letters.count()).toBe(1);
  expect(await log()).toEqual([]);
});

test('one that is given up leaves all that it was in the record', async () => {
  const id = await bury('5-1', { eventType: 'OrderCreated', orderId: '1' });
  expect(await letters.discard(partition, id, 'a test order')).toBe('DISCARDED');
  expect(await letters.discard(partition, id, 'a test order')).toBe('GONE');
  expect(await letters.count()).toBe(0);
  const [action] = await letters.actions(partition, 10);
  expect(action?.fields).toMatchObject({ action: 'DISCARDED', why: 'a test order', orderId: '1', 'dead.id': '5-1' });
});

test('several are sent in the order that the log had them', async () => {
  for (const n of [10, 9, 2]) await bury(`${n}-0`, { eventType: 'OrderCreated', orderId: String(n) });
  await bury('1-0', {});
  const listed = await letters.list(partition, 10);
  expect(listed.map(({ originalId, attempts, reason }) => [originalId, attempts, reason])).toEqual(
    ['10-0', '9-0', '2-0', '1-0'].map((id) => [id, 5, 'FAILED']),
  );
  expect(await letters.list(partition, 10, listed[2]?.id)).toEqual(listed.slice(3));
  expect(await letters.redriveAll(listed, 'mended')).toEqual({ REDRIVEN: 3, GONE: 0, EMPTY: 1 });
  expect((await log()).map(({ orderId }) => orderId)).toEqual(['2', '9', '10']);
});

test('a record of a wrong type: nothing is sent and nothing is lost', async () => {
  const id = await bury('5-1', { eventType: 'OrderCreated' });
  await redis.set('choreography.deadline.dead.record:{0}', 'of the wrong type');
  await expect(letters.redrive(partition, id, 'mended')).rejects.toThrow('WRONGTYPE');
  await expect(letters.discard(partition, id, 'given up')).rejects.toThrow('WRONGTYPE');
  expect(await letters.count()).toBe(1);
  expect(await log()).toEqual([]);
});

test('every reply was reached', () => expect(runner.unseen([redrive, discard])).toEqual([]));
