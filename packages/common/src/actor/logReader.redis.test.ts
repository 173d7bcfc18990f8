import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ParcelBench, startParcelBench } from '../../../../tests/kit/parcelBench.ts';
import { until } from '../../../../tests/kit/until.ts';
import { WatchedRunner } from '../../../../tests/kit/watchedRunner.ts';
import { WORK } from './fixture/parcelActor.ts';

// Goal: whatever happens to Redis, the actor goes on by itself, and no effect is lost or doubled. Method: the server is
// killed and started again on the same data; the group is destroyed under the reader.
let bench: ParcelBench;
beforeAll(async () => {
  bench = await startParcelBench({ appendonly: true, args: ['--appendfsync', 'always'] });
});
afterEach(async () => {
  await bench.redis.config('SET', 'maxmemory', '0');
  await bench.redis.flushall();
});
afterAll(() => bench.stop());

const ready = () => bench.redis.status === 'ready';
const emitted = async () => (await bench.events()).filter(({ eventType }) => eventType === 'ExchangeSucceed').length;

test('after a kill of Redis it goes on, and work of the lost connection is begun anew', async () => {
  const signals: AbortSignal[] = [];
  const gate = Promise.withResolvers<string>();
  const consumer = await bench.consumer((_, signal) => {
    signals.push(signal);
    return gate.promise;
  });
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await bench.publish('OrderCreated', 2);
  await until('work under way', () => signals.length === 1);
  await until('the other to be done', async () => (await bench.status(2)) === 'MADE');

  await bench.server.kill();
  await until('the work to be dropped', () => signals[0]?.aborted);
  await bench.server.restart();
  await until('a connection', ready);
  expect(await bench.status(2)).toBe('MADE');
  await bench.publish('OrderCreated', 3);
  await until('a new order to be done', async () => (await bench.status(3)) === 'MADE');
  expect(await bench.status(1)).toBeNull();

  gate.resolve('done');
  await until('the interrupted work to be done', async () => (await bench.status(1)) === 'MADE');
  expect(await emitted()).toBe(3);
  expect(await bench.pending()).toEqual([]);
  expect(await bench.deadLetters()).toEqual([]);
  await consumer.stop();
});

test('a lost group is made again at the beginning of the log, and states make that harmless', async () => {
  const consumer = await bench.consumer();
  for (const orderId of [1, 2]) await bench.publish('OrderCreated', orderId);
  await until('both to be done', async () => (await emitted()) === 2);
  await bench.redis.xgroup('DESTROY', bench.log, 'exchange');
  await bench.publish('OrderCreated', 3);
  await until('a new order to be done', async () => (await bench.status(3)) === 'MADE');
  expect(await emitted()).toBe(3);
  expect(await consumer.metric('lostGroups')).toBe(1);
  await consumer.stop();
});

test('work under way while the group is lost is begun again where it was answered before the group was back', async () => {
  const [work, reply] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  let [begun, held, looks] = [0, false, 0];
  const runner = new WatchedRunner(async ({ name }, { word }) => {
    if (name === 'ownPending') looks += 1;
    if (name !== 'handle' || word !== 'DUPLICATE') return;
    held = true;
    await reply.promise;
  });
  const consumer = await bench.consumer(() => {
    begun += 1;
    return work.promise;
  }, runner);
  await bench.publish('OrderCreated', 1, { currencyId: WORK });
  await until('work under way', () => begun === 1);
  await bench.redis.xgroup('DESTROY', bench.log, 'exchange');
  work.resolve('done');
  await until('it to be told that it is not pending', () => held);
  // Makes the group again, and gives the entry to this consumer, who has it in flight: by the drain, and when it looks itself.
  const before = looks;
  await bench.publish('OrderCreated', 2);
  await until('the other to be done', async () => (await bench.status(2)) === 'MADE');
  await until('a look at the pending list', () => looks > before);
  reply.resolve();
  await until('the work to be done', async () => (await bench.status(1)) === 'MADE');
  expect(await bench.pending()).toEqual([]);
  expect(await emitted()).toBe(2);
  await consumer.stop();
});

test('a lost group that Redis refuses to make is asked for with pauses, and made once it can be', async () => {
  const consumer = await bench.consumer();
  await bench.publish('OrderCreated', 1);
  await until('the order to be done', async () => (await bench.status(1)) === 'MADE');
  await bench.redis.config('SET', 'maxmemory', '1');
  await bench.redis.xgroup('DESTROY', bench.log, 'exchange');
  // The reader sleeps: a new connection makes it drain.
  await bench.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  const errors = () => consumer.metric('drainErrors');
  await until('the group to be missed', async () => (await errors()) >= 2);
  const [from = 0] = (await bench.redis.time()).map(Number);
  await until('a second to pass', async () => Number((await bench.redis.time())[0]) > from + 1);
  expect(await errors()).toBeLessThan(20);
  expect(await consumer.metric('lostGroups')).toBe(0);

  await bench.redis.config('SET', 'maxmemory', '0');
  await bench.publish('OrderCreated', 2);
  await until('a new order to be done', async () => (await bench.status(2)) === 'MADE');
  expect(await emitted()).toBe(2);
  expect(await consumer.metric('lostGroups')).toBe(1);
  await consumer.stop();
});

test('a group that begins late reads what was there before', async () => {
  for (const orderId of [1, 2, 3]) await bench.publish('OrderCreated', orderId);
  const consumer = await bench.consumer();
  await until('all to be done', async () => (await emitted()) === 3);
  await consumer.stop();
});

test('an idle actor asks Redis for nothing but its signs of life', async () => {
  const consumer = await bench.consumer();
  await bench.publish('OrderCreated', 1);
  await until('the order to be done', async () => (await bench.status(1)) === 'MADE');
  const commands = async (name: string) => {
    const info = await bench.redis.info('commandstats');
    return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
  };
  await until('the reader to wait', async () => /cmd=xread /.test(String(await bench.redis.client('LIST'))));
  const before = [await commands('xreadgroup'), await commands('time')];
  await until('two signs of life', async () => (await commands('time')) >= (before[1] ?? 0) + 2);
  expect(await commands('xreadgroup')).toBe(before[0]);
  await consumer.stop();
});
