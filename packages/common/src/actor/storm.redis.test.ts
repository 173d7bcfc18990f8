import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dice } from '../../../../tests/chaos/dice.ts';
import { type ParcelBench, type ParcelConsumer, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { WatchedRunner } from '../../../../tests/kit/watchedRunner.ts';
import { FAILS, mendedKey, WORK } from './fixture/parcelActor.ts';
import type { Handler } from './handler.ts';

// Goal: whatever is lost in whatever order, every entry is done once and nothing stays pending. Method: three consumers whose
// scripts lose one reply in eight and whose work fails at first, while connections are cut, consumers die, scripts are
// forgotten and the group is lost; then calm, and a count of what was done.
const ORDERS_A_ROUND = 40;
const REPLIES_LOST = 1 / 8;

let bench: ParcelBench;
beforeAll(async () => {
  bench = await startParcelBench();
});
afterAll(() => bench.stop());

/** What happens at the end of each round; at the end of the last two nothing does, and nothing comes to the rescue. */
const FAULTS: readonly ((consumers: ParcelConsumer[]) => Promise<unknown>)[] = [
  () => bench.redis.call('CLIENT', 'KILL', 'TYPE', 'normal'),
  async (consumers) => consumers.shift()?.die(),
  () => bench.redis.xgroup('DESTROY', bench.log, 'exchange'),
  () => bench.redis.script('FLUSH'),
  async (consumers) => consumers.shift()?.die(),
  async () => undefined,
  async () => undefined,
];

test('every entry is done once, and nothing stays pending', { timeout: 90_000 }, async () => {
  const dice = new Dice(7);
  let storm = true;
  let lost = 0;
  const runner = () =>
    new WatchedRunner(() => {
      if (!storm || !dice.chance(REPLIES_LOST)) return;
      lost += 1;
      throw new Error('Connection is closed.');
    });
  const attempts = new Map<number, number>();
  const handler: Handler = async ({ orderId }) => {
    const attempt = (attempts.get(orderId) ?? 0) + 1;
    attempts.set(orderId, attempt);
    if (attempt === 1 && orderId % 3 === 0) throw new Error('the other system is away');
    return 'done';
  };
  const consumers: ParcelConsumer[] = [];
  for (let i = 0; i < 3; i++) consumers.push(await bench.consumer(handler, runner()));

  let orderId = 0;
  for (let round = 0; round < FAULTS.length; round++) {
    for (let i = 0; i < ORDERS_A_ROUND; i++) {
      orderId += 1;
      await bench.publish('OrderCreated', orderId, { currencyId: orderId % 2 === 0 ? WORK : '1' });
      if (orderId % 10 === 0) await bench.publish('OrderRejected', orderId, { currencyId: FAILS });
    }
    const before = lost;
    await until('replies to be lost', () => lost > before + 5);
    await FAULTS[round]?.(consumers);
    if (consumers.length < 3) consumers.push(await bench.consumer(handler, runner()));
  }
  storm = false;
  await bench.redis.set(mendedKey(bench.tag), 1);
  const wanted = Array.from({ length: orderId }, (_, i) => ((i + 1) % 10 === 0 ? 'UNDONE' : 'MADE'));
  const found = () => Promise.all(wanted.map((_, i) => bench.status(i + 1)));
  await until(
    'nothing to be left to do',
    async () => {
      await bench.hurryRetries();
      return String(await found()) === String(wanted) && (await bench.pending()).length === 0;
    },
    { timeoutMs: 30_000 },
  );

  expect(await bench.deadLetters()).toEqual([]);
  expect(await bench.redis.exists(bench.retry)).toBe(0);
  const events = await bench.events();
  const emitted = (type: string) => events.filter(({ eventType }) => eventType === type).map((event) => event.orderId);
  const made = emitted('ExchangeSucceed');
  expect(new Set(made).size).toBe(made.length);
  for (const each of consumers) await each.stop();
});
