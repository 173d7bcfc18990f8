import { once } from 'node:events';
import type { ScriptReply } from 'common/script/scriptRunner';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ParcelBench, type ParcelConsumer, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { type ReplyListener, WatchedRunner } from '../../../../tests/kit/watchedRunner.ts';
import { FAILS, mendedKey, WORK } from './fixture/parcelActor.ts';

// Goal: an entry that a script has given to this consumer is worked on although the reply that said so was lost, and
// nothing is done twice. Method: each script of the runtime runs on a real Redis and its caller is told that the
// connection was lost, while the connection that the rest uses stays as it is: no reconnect comes to the rescue.
let bench: ParcelBench;
let consumer: ParcelConsumer | undefined;
beforeAll(async () => {
  bench = await startParcelBench();
});
beforeEach(() => bench.redis.flushall());
afterEach(() => consumer?.stop());
afterAll(() => bench.stop());

/** Loses one reply of each of these scripts, the first that is as it should be. */
function losing(which: Readonly<Record<string, (reply: ScriptReply<string>) => boolean>>) {
  const lost: string[] = [];
  const onReply: ReplyListener = ({ name }, reply) => {
    if (lost.includes(name) || !which[name]?.(reply)) return;
    lost.push(name);
    throw new Error('Connection is closed.');
  };
  const untilLost = () =>
    until('replies to be lost', () => Object.keys(which).every((name) => lost.includes(name)), { timeoutMs: 10_000 });
  return { runner: new WatchedRunner(onReply), untilLost };
}

const emitted = async () => (await bench.events()).filter(({ eventType }) => eventType === 'ExchangeSucceed').length;
const done = 'done';

async function expectDoneOnce(): Promise<void> {
  await until('the order to be done all the same', async () => (await bench.status(1)) === 'MADE');
  await until('nothing to be pending', async () => (await bench.pending()).length === 0);
  expect(await emitted()).toBe(1);
  expect(await bench.deadLetters()).toEqual([]);
}

const handsBack = ({ rest }: ScriptReply<string>) => (rest[4] as unknown[]).length > 0;
const gives = ({ rest }: ScriptReply<string>) => (rest[0] as unknown[]).length > 0;

test('drain: what it has handed back', async () => {
  const { runner, untilLost } = losing({ drain: handsBack });
  consumer = await bench.consumer(async () => done, runner);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await untilLost();
  await expectDoneOnce();
});

test('takeDue: what it has taken', async () => {
  const { runner, untilLost } = losing({ takeDue: gives });
  consumer = await bench.consumer(undefined, runner);
  await bench.publish('OrderCreated', 1, { currencyId: FAILS });
  await until('a failed attempt', async () => (await bench.pending())[0]?.attempts);
  await bench.redis.set(mendedKey(bench.tag), 1);
  await untilLost();
  await expectDoneOnce();
});

test('heartbeat: what it has claimed from a dead consumer', async () => {
  const dead = await bench.consumer((_, signal) => once(signal, 'abort').then(() => done));
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', async () => (await dead.metric('inFlight')) === 1);
  const { runner, untilLost } = losing({ heartbeat: gives });
  consumer = await bench.consumer(async () => done, runner);
  void dead.die();
  await untilLost();
  await expectDoneOnce();
});

test('ownPending, handle and postpone: what became of the entry', async () => {
  const any = () => true;
  const { runner, untilLost } = losing({ ownPending: any, handle: any, postpone: any });
  let attempts = 0;
  consumer = await bench.consumer(async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('the other system is away');
    return done;
  }, runner);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await untilLost();
  await expectDoneOnce();
});

test('bury: a malformed entry is one dead letter', async () => {
  const { runner, untilLost } = losing({ bury: () => true });
  consumer = await bench.consumer(undefined, runner);
  await bench.publish('OrderCreated', 1, { amount: '0' });
  await untilLost();
  await until('nothing in flight', async () => (await consumer?.metric('inFlight')) === 0);
  await bench.publish('OrderCreated', 2);
  await until('the next to be done', async () => (await bench.status(2)) === 'MADE');
  expect(await bench.pending()).toEqual([]);
  expect(await bench.deadLetters()).toHaveLength(1);
});
