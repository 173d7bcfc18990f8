import { leaseKey } from 'common/events/keys';
import { ScriptRunner } from 'common/script/scriptRunner';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ParcelBench, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { WatchedRunner } from '../../../../tests/kit/watchedRunner.ts';
import { actorScripts } from './actorScripts.ts';
import { parcelActor, WORK } from './fixture/parcelActor.ts';
import type { Handler } from './handler.ts';
import { CLAIM_COUNT_MAX, HEARTBEAT_MS, LEASE_MS } from './limits.ts';

// Goal: what a dead consumer has left is done by another within two seconds, what a living one works on is left to it.
// Method: several consumers of one actor on a real Redis; death is the end of all connections of one.
const BUSY_MS = 1_500;
let bench: ParcelBench;
beforeAll(async () => {
  bench = await startParcelBench();
});
afterEach(() => bench.redis.flushall());
afterAll(() => bench.stop());

/** When a consumer has last said that it is alive, in ms by Redis' clock. */
const leaseOf = async (consumer: string) =>
  Number(await bench.redis.zscore(leaseKey(bench.tag, parcelActor.group), consumer));

/** Work that goes on until it is told to end. */
function gated(): { handler: Handler; open: () => void; begun: () => number; aborted: () => number } {
  const gate = Promise.withResolvers<string>();
  let begun = 0;
  let aborted = 0;
  const handler: Handler = (_, signal) => {
    begun += 1;
    signal.addEventListener('abort', () => {
      aborted += 1;
    });
    return Promise.race([
      gate.promise,
      new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
  };
  return { handler, open: () => gate.resolve('done'), begun: () => begun, aborted: () => aborted };
}

const emitted = async () => (await bench.events()).filter(({ eventType }) => eventType === 'ExchangeSucceed').length;

test('a dead consumer: its entries are done within 2 s, and it is deleted', async () => {
  const { handler, begun } = gated();
  const dead = await bench.consumer(handler);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', () => begun() === 1);
  const [{ consumer: name = '' } = {}] = await bench.pending();
  const living = await bench.consumer(async () => 'done');

  await dead.die();
  const lastSign = await leaseOf(name);
  await until('the entry to be done', async () => (await bench.status(1)) === 'MADE');
  const [seconds = 0, micros = 0] = (await bench.redis.time()).map(Number);
  const claimedAfterMs = seconds * 1_000 + micros / 1_000 - lastSign;
  expect(claimedAfterMs).toBeGreaterThan(LEASE_MS);
  // The lease runs out, then a heartbeat finds it: 2 s; the rest is what a busy machine takes.
  expect(claimedAfterMs).toBeLessThan(LEASE_MS + HEARTBEAT_MS + BUSY_MS);
  expect(await living.metric('claims')).toBe(1);
  await until('the dead to be deleted', async () => !(await bench.consumers()).includes(name));
  expect(await bench.pending()).toEqual([]);
  await living.stop();
});

test('of hundreds that a dead consumer has left, each page is claimed at once', async () => {
  const { handler, begun } = gated();
  const dead = await bench.consumer(handler);
  const orders = Array.from({ length: 3 * CLAIM_COUNT_MAX + 1 }, (_, i) => i + 1);
  await Promise.all(orders.map((orderId) => bench.publish('OrderCreated', orderId, { currencyId: WORK })));
  await until('work under way', () => begun() === orders.length);
  const beats: { at: number; claimed: number }[] = [];
  const runner = new WatchedRunner(({ name }, { rest: [claimed] }) => {
    if (name === 'heartbeat') beats.push({ at: performance.now(), claimed: (claimed as string[]).length });
  });
  const living = await bench.consumer(async () => 'done', runner);
  await dead.die();
  await until('all to be done', async () => (await emitted()) === orders.length, { timeoutMs: 15_000 });
  expect(await living.metric('claims')).toBe(orders.length);
  const claims = beats.filter(({ claimed }) => claimed > 0);
  expect(claims).toHaveLength(4);
  // A pause between two pages would make every gap at least as long; a busy machine makes some of them so.
  const gaps = claims.slice(1).map(({ at }, i) => at - (claims[i]?.at ?? 0));
  expect(Math.min(...gaps)).toBeLessThan(HEARTBEAT_MS);
  await living.stop();
});

test('own long work is left to the consumer that does it', async () => {
  const { handler, open, begun } = gated();
  const busy = await bench.consumer(handler);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', () => begun() === 1);
  const [{ consumer: name = '' } = {}] = await bench.pending();
  const idle = await bench.consumer(async () => 'done');
  const before = await leaseOf(name);
  await until('more than a lease to pass', async () => (await leaseOf(name)) > before + LEASE_MS + 500);
  expect(await bench.pending()).toMatchObject([{ consumer: name }]);
  expect(await idle.metric('claims')).toBe(0);
  expect(begun()).toBe(1);
  open();
  await until('the work to be done', async () => (await bench.status(1)) === 'MADE');
  expect(await emitted()).toBe(1);
  await busy.stop();
  await idle.stop();
});

test('stop() aborts sleeps and leaves their entries pending; another consumer finishes them', async () => {
  const { handler, begun, aborted } = gated();
  const stopped = await bench.consumer(handler);
  for (const orderId of [1, 2, 3]) await bench.publish('OrderCreated', orderId, { currencyId: WORK });
  await until('work under way', () => begun() === 3);
  const startedAt = performance.now();
  await stopped.stop();
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(aborted()).toBe(3);
  expect(await bench.pending()).toHaveLength(3);
  expect(await bench.deadLetters()).toEqual([]);

  const heir = await bench.consumer(async () => 'done');
  await until('all to be done', async () => (await emitted()) === 3);
  for (const orderId of [1, 2, 3]) expect(await bench.status(orderId)).toBe('MADE');
  expect(await heir.metric('retries')).toBe(0);
  await heir.stop();
});

test('a stalled consumer that comes late does nothing', async () => {
  const { handler, open, begun } = gated();
  const stalled = await bench.consumer(handler);
  const id = await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', () => begun() === 1);
  const { table, scriptsFolder, transitionFiles, group } = parcelActor;
  const { handle } = actorScripts(table, scriptsFolder, transitionFiles, {});
  const args = { tag: bench.tag, group, id, prepared: 'done' };
  const other = await new ScriptRunner().run(bench.redis, handle, { log: bench.log, retry: bench.retry }, args);
  expect(other.word).toBe('DONE');
  open();
  await until('the late one to be told', async () => (await stalled.metric('duplicates')) === 1);
  expect(await emitted()).toBe(1);
  await stalled.stop();
});
