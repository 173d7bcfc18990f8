import { deadKey, logKey, retryKey } from 'common/events/keys';
import { createExchangeService } from 'exchange/service';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aclRulesOf } from '../tools/aclDocs.ts';
import { type InProcess, startInProcess } from './kit/inProcess.ts';
import { startTestRedis } from './kit/redis.ts';
import { deniedObjects, withRights } from './kit/redisUsers.ts';
import { until } from './kit/until.ts';

// Goal: the least rights are enough for what happens rarely as well: retries, claims, every kind of dead letter, a lost group.
// Method: a service with the rights that the documents list, trouble made by somebody with all rights, and Redis' own record of
// what it has denied.
const LOG = logKey('0');
const WAITS = { timeoutMs: 20_000 };
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
let exchange: InProcess;
beforeAll(async () => {
  const env = await withRights(redis, server.url, 'exchange', aclRulesOf('exchange'));
  exchange = await startInProcess('exchange', createExchangeService, env);
});
afterAll(async () => {
  await exchange.stop();
  redis.disconnect();
  await server.stop();
});

async function publish(orderId: number, fields: Readonly<Record<string, string | number>> = {}): Promise<string> {
  const common = { version: 1, orderId, timestamp: Date.now(), deadline: Date.now() + 60_000 };
  const event = { eventType: 'OrderCreated', ...common, holderId: 'jjy', currencyId: '1', amount: 5, ...fields };
  return String(await redis.xadd(LOG, '*', ...Object.entries(event).flat()));
}

const reasons = async () => {
  for (const id of await redis.zrange(retryKey('0', 'exchange'), '0', '-1')) {
    await redis.zadd(retryKey('0', 'exchange'), 'XX', '0', id);
  }
  const letters = await redis.xrange(deadKey('0'), '-', '+');
  return letters.map(([, fields]) => fields[fields.indexOf('dead.reason') + 1]).sort();
};

test('retries, claims, dead letters of every kind and a lost group: nothing is denied', async () => {
  await redis.set('exchange:{0}:1', 'of the wrong type');
  await publish(1);
  await publish(2, { amount: 'many' });
  await publish(3, { eventType: 'OrderRejected', deadline: 1, timestamp: 1, reason: 'DEADLINE' });
  await until('three dead letters', async () => (await reasons()).join() === 'FAILED,MALFORMED,STALE', WAITS);

  // Two entries of a consumer that has died, one of which is trimmed away meanwhile.
  const [kept, trimmed] = [await publish(4), await publish(5)];
  await until('both to be handled', () => redis.exists('exchange:{0}:5'), WAITS);
  for (const id of [kept, trimmed]) await redis.xclaim(LOG, 'exchange', 'dead', 0, id, 'FORCE', 'JUSTID');
  await redis.xdel(LOG, trimmed);
  await until('the fourth', async () => (await reasons()).join() === 'FAILED,MALFORMED,STALE,TRIMMED', WAITS);
  const consumers = async () => JSON.stringify(await redis.xinfo('CONSUMERS', LOG, 'exchange'));
  await until('the dead consumer to be deleted', async () => !(await consumers()).includes('"dead"'), WAITS);
  await until('nothing to be pending', async () => (await redis.xpending(LOG, 'exchange'))[0] === 0, WAITS);

  await redis.xgroup('DESTROY', LOG, 'exchange');
  await publish(6);
  await until('the group to be made again', () => redis.exists('exchange:{0}:6'), WAITS);
  const { body } = await exchange.ask('GET', '/healthz');
  expect(body).toMatchObject({ deadLetters: expect.arrayContaining([expect.objectContaining({ reason: 'TRIMMED' })]) });
  expect(await deniedObjects(redis)).toEqual([]);
});
