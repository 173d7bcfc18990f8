import { parcelActor, parcelKey } from 'common/actor/fixture/parcelActor';
import { indexKey, logKey } from 'common/events/keys';
import { Connections } from 'common/redis/connections';
import { ScriptRunner } from 'common/script/scriptRunner';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dumpKeyspace } from '../../../../../tests/kit/keyspace.ts';
import { startTestRedis } from '../../../../../tests/kit/redis.ts';
import { VirtualClock, virtualClockLua } from '../../../../../tests/kit/virtualClock.ts';
import { actorScripts } from '../actorScripts.ts';
import { type DrainReport, drainReport } from './drain.ts';

// Goal: a batch is consumed in the step in which it takes effect, and one bad entry is nobody else's business. Method:
// one call of the script at a time, on a real Redis with a virtual clock; its report and what it left.
const tag = '0';
const NOW = 1_700_000_000_000;
const { table, scriptsFolder, transitionFiles, group } = parcelActor;
const { drain } = actorScripts(table, scriptsFolder, transitionFiles, {});
const log = logKey(tag);

const server = await startTestRedis();
const connections = new Connections(server.url, 'drain', pino({ level: 'silent' }));
const redis = connections.commands;
const runner = new ScriptRunner({ clock: virtualClockLua });
beforeAll(() => connections.connect());
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  await new VirtualClock(redis, tag).set(NOW);
  await redis.xgroup('CREATE', log, group, '0', 'MKSTREAM');
});

async function publish(orderId: number, fields: Readonly<Record<string, string>> = {}): Promise<string> {
  const common = { eventType: 'OrderCreated', version: '1', orderId: `${orderId}`, timestamp: `${NOW - 25}` };
  const event = { ...common, deadline: `${NOW + 10_000}`, holderId: 'jjy', currencyId: '1', amount: '500', ...fields };
  return String(await redis.xadd(log, '*', ...Object.entries(event).flat()));
}

async function run(countMax = 100, trail = 0): Promise<DrainReport> {
  const { rest } = await runner.run(redis, drain, { log }, { tag, group, consumer: 'me', countMax, trail });
  return drainReport(rest);
}

const lastId = async () => (await redis.xrevrange(log, '+', '-', 'COUNT', 1))[0]?.[0];
const status = (orderId: number) => redis.get(parcelKey(tag, orderId));
const pending = async () =>
  ((await redis.xpending(log, group, '-', '+', 100)) as [string, string, number, number][]).map(([id, , , n]) => [
    id,
    n,
  ]);

test('of a mixed batch the good are done, the others handed back, each with its reason', async () => {
  await publish(1);
  const work = await publish(2, { currencyId: 'work' });
  const failing = await publish(3, { currencyId: 'fails' });
  const malformed = await publish(4, { amount: '0' });
  const nameless = String(await redis.xadd(log, '*', 'orderId', '5'));
  const newer = await publish(8, { version: '2', amount: '0' });
  await publish(6, { eventType: 'OrderDreamtOf' });
  await publish(7);
  const report = await run();
  // Eight, and the two events that the batch itself has emitted.
  expect(report.read).toBe(10);
  expect(report.outcomes).toEqual(
    expect.arrayContaining([
      { outcome: 'OrderCreated|none|MADE|ExchangeSucceed', count: 2 },
      { outcome: 'PASSED', count: 3 },
    ]),
  );
  expect(report.handedBack).toEqual([
    { id: work, why: 'WORK', detail: '' },
    { id: failing, why: 'FAILED', detail: expect.stringContaining('the parcel of order 3 is broken') },
    { id: malformed, why: 'REFUSED', detail: 'amount' },
    { id: nameless, why: 'REFUSED', detail: 'eventType' },
    { id: newer, why: 'FAILED', detail: 'version 2 of OrderCreated is newer than this service knows: upgrade it' },
  ]);
  expect(await pending()).toEqual([work, failing, malformed, nameless, newer].map((id) => [id, 0]));
  expect([await status(1), await status(3), await status(7)]).toEqual(['MADE', null, 'MADE']);
  expect(report.ages).toEqual([25, 25]);
  expect(report.reports).toEqual(['made']);
  expect(report.lastId).toBe(await lastId());
});

test('with nothing to read it tells where to wait', async () => {
  expect(await run()).toMatchObject({ read: 0, lastId: '0-0', outcomes: [], handedBack: [] });
  await publish(1);
  await run();
  expect(await run()).toMatchObject({ read: 0, lastId: await lastId() });
});

test('a full batch tells nothing to wait for, and the next call goes on behind it', async () => {
  for (const orderId of [1, 2, 3]) await publish(orderId);
  expect(await run(2)).toMatchObject({ read: 2, lastId: undefined });
  expect(await status(3)).toBeNull();
  const rest = await run(100);
  expect(rest.read).toBe(4);
  expect(await status(3)).toBe('MADE');
});

test('the trail names every entry where it is asked for', async () => {
  const id = await publish(1);
  expect((await run(100, 1)).trail).toEqual([{ id, orderId: '1', outcome: 'OrderCreated|none|MADE|ExchangeSucceed' }]);
  await publish(2);
  expect((await run(100, 0)).trail).toEqual([]);
});

test('the trace of an event goes on in the event that it causes, unknown fields do not', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const id = await publish(1, { traceparent, unknown: 'field' });
  await run();
  const [, emitted] = (await redis.xrevrange(log, '+', '-', 'COUNT', 1))[0] ?? [];
  expect(emitted).toEqual(expect.arrayContaining(['causationId', id, 'traceparent', traceparent]));
  expect(emitted).not.toContain('unknown');
});

test('an index that is full forgets its oldest', async () => {
  const index = indexKey(tag, 1);
  const old = Array.from({ length: 200 }, (_, i) => `1-${i}`);
  await redis.rpush(index, ...old);
  await publish(1);
  await run();
  expect(await redis.lrange(index, 0, -1)).toEqual([...old.slice(1), await lastId()]);
});

test('without a group, or with a log of a wrong type, it fails and has done nothing', async () => {
  await publish(1);
  await redis.xgroup('DESTROY', log, group);
  const before = await dumpKeyspace(redis);
  await expect(run()).rejects.toThrow('NOGROUP');
  expect(await dumpKeyspace(redis)).toEqual(before);
  await redis.set(log, 'of the wrong type');
  await expect(run()).rejects.toThrow('WRONGTYPE');
});
