import { once } from 'node:events';
import type { ScriptReply } from 'common/script/scriptRunner';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ParcelBench, type ParcelConsumer, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { ReplyLosingRunner } from '../../../../tests/kit/replyLosingRunner.ts';
import { until } from '../../../../tests/kit/until.ts';
import { FAILS, mendedKey, WORK } from './fixture/parcelActor.ts';

// Goal: an entry that a script has given to this consumer is worked on although the reply that said so was lost, and
// nothing is done twice. Method: each script of the runtime runs on a real Redis and its caller is told that the
// connection was lost, while the connection that the rest uses stays as it is: no reconnect comes to the rescue.
let bench: ParcelBench;
let runner: ReplyLosingRunner;
let consumer: ParcelConsumer | undefined;
beforeAll(async () => {
  bench = await startParcelBench();
});
beforeEach(async () => {
  await bench.redis.flushall();
  runner = new ReplyLosingRunner();
});
afterEach(() => consumer?.stop());
afterAll(() => bench.stop());

const emitted = async () => (await bench.events()).filter(({ eventType }) => eventType === 'ExchangeSucceed').length;
const done = 'done';

async function expectDoneOnce(scriptName: string): Promise<void> {
  await until(`the reply of ${scriptName} to be lost`, () => runner.lost.includes(scriptName));
  await until('the order to be done all the same', async () => (await bench.status(1)) === 'MADE');
  await until('nothing to be pending', async () => (await bench.pending()).length === 0);
  expect(await emitted()).toBe(1);
  expect(await bench.deadLetters()).toEqual([]);
}

const handsBack = ({ rest }: ScriptReply<string>) => (rest[4] as unknown[]).length > 0;
const gives = ({ rest }: ScriptReply<string>) => (rest[0] as unknown[]).length > 0;

test('drain: what it has handed back', async () => {
  runner.lose('drain', handsBack);
  consumer = await bench.consumer(async () => done, runner);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await expectDoneOnce('drain');
});

test('takeDue: what it has taken', async () => {
  runner.lose('takeDue', gives);
  consumer = await bench.consumer(undefined, runner);
  await bench.publish('OrderCreated', 1, { currencyId: FAILS });
  await until('a failed attempt', async () => (await bench.pending())[0]?.attempts);
  await bench.redis.set(mendedKey(bench.tag), 1);
  await expectDoneOnce('takeDue');
});

test('heartbeat: what it has claimed from a dead consumer', async () => {
  const dead = await bench.consumer((_, signal) => once(signal, 'abort').then(() => done));
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', async () => (await dead.metric('inFlight')) === 1);
  runner.lose('heartbeat', gives);
  consumer = await bench.consumer(async () => done, runner);
  void dead.die();
  await expectDoneOnce('heartbeat');
});

test('ownPending, handle and postpone: what became of the entry', async () => {
  for (const name of ['ownPending', 'handle', 'postpone']) runner.lose(name, () => true);
  let attempts = 0;
  consumer = await bench.consumer(async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('the other system is away');
    return done;
  }, runner);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  for (const name of ['ownPending', 'postpone']) await expectDoneOnce(name);
  await expectDoneOnce('handle');
});

test('bury: a malformed entry is one dead letter', async () => {
  runner.lose('bury', () => true);
  consumer = await bench.consumer(undefined, runner);
  await bench.publish('OrderCreated', 1, { amount: '0' });
  await until('the reply to be lost', () => runner.lost.includes('bury'));
  await until('nothing in flight', async () => (await consumer?.metric('inFlight')) === 0);
  await bench.publish('OrderCreated', 2);
  await until('the next to be done', async () => (await bench.status(2)) === 'MADE');
  expect(await bench.pending()).toEqual([]);
  expect(await bench.deadLetters()).toHaveLength(1);
});
