import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { startReplyCutter } from '../../../tests/kit/replyCutter.ts';
import { sequenceKey } from './keys.ts';
import { createOrderService } from './service.ts';

// Goal: a reply that is lost on the way makes no second order and no error. Method: a proxy before Redis that cuts the
// line when the order is made and nobody has been told.
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const cutter = await startReplyCutter(server.port);
const service = await startInProcess('order', createOrderService, { REDIS_URL: cutter.url });

afterAll(async () => {
  await service.stop();
  await cutter.stop();
  redis.disconnect();
  await server.stop();
});

const post = (currencyId: string, headers = {}) =>
  service.ask('POST', '/orders', { body: { holderId: 'jjy', currencyId, amount: 500 }, headers });
const made = async () => Number(await redis.get(sequenceKey('0')));

test.each([
  ['without a key', 'lost1', {}],
  ['with a key', 'lost2', { 'Idempotency-Key': 'k' }],
])('%s: the client gets the order that was made, and there is one', async (_, currencyId, headers) => {
  // So that the script is known, and the reply that is lost is that of the order.
  await post('1');
  const [orders, cuts] = [await made(), cutter.cuts];
  cutter.loseReplyTo(currencyId);
  const answer = await post(currencyId, headers);
  expect(answer).toMatchObject({ status: 201, body: { id: orders + 1, currencyId, status: 'PENDING' } });
  expect(cutter.cuts).toBe(cuts + 1);
  expect(await made()).toBe(orders + 1);
});
