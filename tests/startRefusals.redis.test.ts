import type { ServiceName } from 'common/config/readConfig';
import { StartRefusal } from 'common/config/startRefusal';
import { deadKey, logKey } from 'common/events/keys';
import { createDeadlineService } from 'deadline/service';
import { createExchangeService } from 'exchange/service';
import { createGatewayService } from 'gateway/service';
import { Redis } from 'ioredis';
import { createOrderService } from 'order/service';
import { createPointService } from 'point/service';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { aclRulesOf } from '../tools/aclDocs.ts';
import { type InProcess, startInProcess } from './kit/inProcess.ts';
import { startTestRedis } from './kit/redis.ts';
import { deniedObjects, withRights as userWithRights } from './kit/redisUsers.ts';
import { until } from './kit/until.ts';

// Goal: what would be found out in the middle of the work is found out at the start, in one line that names the cause and
// the cure; and the least rights that the documents list are enough, and each of them is needed. Method: real servers that
// are unfit each in their own way, real users with rights taken away one by one.
const FACTORIES = {
  order: createOrderService,
  exchange: createExchangeService,
  point: createPointService,
  deadline: createDeadlineService,
} as const;
type Name = keyof typeof FACTORIES;
const NAMES = Object.keys(FACTORIES) as Name[];

const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
});

async function started(name: Name, env: NodeJS.ProcessEnv = {}): Promise<InProcess> {
  const service = await startInProcess(name, FACTORIES[name], { REDIS_URL: server.url, ...env });
  onTestFinished(() => service.stop());
  return service;
}

/** The one line with which a service refuses to start. */
async function refusalOf(name: Name, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const error = await startInProcess(name, FACTORIES[name], { REDIS_URL: server.url, ...env }).then(
    async (service) => {
      await service.stop();
      return undefined;
    },
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StartRefusal);
  const { message } = error as StartRefusal;
  expect(message).not.toContain('\n');
  return message;
}

describe.each(NAMES)('%s refuses', (name) => {
  test('a Redis that may evict', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await refusalOf(name)).toMatch(/maxmemory-policy is allkeys-lru.*CONFIG SET maxmemory-policy noeviction/);
  });

  test('another number of partitions than the data has', async () => {
    await redis.set('choreography.deadline.partitions', '3');
    expect(await refusalOf(name)).toBe('PARTITIONS is 1, but this Redis holds 3: set PARTITIONS=3');
  });

  test("a number of partitions that is somebody else's key", async () => {
    const key = 'choreography.deadline.partitions';
    await redis.hset(key, 'a', 'b');
    expect(await refusalOf(name)).toContain(`${key} is no string, not a number of partitions: another program`);
    await redis.set(key, 'many');
    expect(await refusalOf(name)).toContain(`${key} holds 'many', not a number of partitions: another program`);
  });

  test.each([
    ['log', logKey('0')],
    ['dead letters', deadKey('0')],
  ])('a key of the %s that is no stream', async (_, key) => {
    await redis.hset(key, 'a', 'b');
    expect(await refusalOf(name)).toContain(`${key} is a hash, not a stream: another program uses this Redis`);
  });

  test('a clock that is behind the log, trimmed or not', async () => {
    await redis.xadd(logKey('0'), `${Date.now() + 3_600_000}-0`, 'eventType', 'Future');
    // An hour, less what this start took.
    expect(await refusalOf(name)).toMatch(
      /clock is 3[56]\d\d\.\d s behind the last entry of choreography.deadline:\{0}/,
    );
    await redis.xtrim(logKey('0'), 'MAXLEN', 0);
    expect(await refusalOf(name)).toContain("set its server's clock right");
  });
});

test('a replica is refused', async () => {
  const replica = await startTestRedis({ args: ['--replicaof', '127.0.0.1', String(server.port)] });
  onTestFinished(() => replica.stop());
  expect(await refusalOf('exchange', { REDIS_URL: replica.url })).toBe(
    'this Redis is a replica: set REDIS_URL to its master',
  );
});

test('a clock that goes back while a service runs: a gauge and one line, until it has caught up', async () => {
  const service = await started('exchange');
  const behind = () => service.metric('saga_redis_clock_behind_seconds{partition="0",service="exchange"}');
  await until('the gauge to be there', async () => (await behind()) === 0);
  await redis.xadd(logKey('0'), `${Date.now() + 3_600_000}-0`, 'eventType', 'Future');
  await until('the alarm', async () => Number(await behind()) > 3_590, { timeoutMs: 10_000 });
});

const withRights = (name: ServiceName, rules: readonly string[]) => userWithRights(redis, server.url, name, rules);

describe('users with the least rights', () => {
  test('settle orders, and are denied nothing', async () => {
    await redis.acl('LOG', 'RESET');
    const [order, , point, deadline] = await Promise.all(
      NAMES.map(async (name) => {
        const env = { DEADLINE_MS: '4000', RETENTION_MS: '2000', ...(await withRights(name, aclRulesOf(name))) };
        return started(name, env);
      }),
    );
    await point?.ask('POST', '/points', { body: { userId: 'jjy', point: 800 } });
    const place = (amount: number, wait: number, currencyId = '1') =>
      order?.ask('POST', '/orders', {
        body: { holderId: 'jjy', currencyId, amount },
        headers: { Prefer: `wait=${wait}` },
      });
    expect((await place(500, 20))?.body).toMatchObject({ status: 'APPROVED' });
    expect((await place(500, 20))?.body).toMatchObject({ status: 'REJECTED DUE TO POINT LIMIT' });
    expect((await place(100, 20, '100'))?.body).toMatchObject({ status: 'REJECTED DUE TO DEADLINE' });
    for (const path of ['/orders', '/orders/1', '/orders/1/events', '/orders?holderId=jjy']) {
      expect((await order?.ask('GET', path))?.status).toBe(200);
    }
    expect((await point?.ask('GET', '/transactions'))?.status).toBe(200);
    expect((await deadline?.ask('GET', '/deadlines'))?.status).toBe(200);
    // Retention comes to everything but to the order that still sleeps in the exchange service, and may hold the log back.
    await until('the log to be trimmed', async () => (await redis.xlen(logKey('0'))) < 10, { timeoutMs: 60_000 });
    expect(await deniedObjects(redis)).toEqual([]);
  });

  test.each(NAMES)('%s refuses where any one of them is missing', async (name) => {
    const rules = aclRulesOf(name);
    for (const missing of rules.filter((rule) => /^[~+]/.test(rule) && !rule.startsWith('+acl|'))) {
      const env = await withRights(
        name,
        rules.filter((rule) => rule !== missing),
      );
      const command = missing.startsWith('+') ? missing.slice(1).toUpperCase().replace('|', ' ') : '';
      expect(await refusalOf(name, env), `without ${missing}`).toContain(`lacks a right that is needed, ${command}`);
    }
  });

  test("the gateway's shows the log and mends its dead letters, and is denied nothing else", async () => {
    await redis.acl('LOG', 'RESET');
    const env = await withRights('gateway', aclRulesOf('gateway'));
    const gateway = await startInProcess('gateway', createGatewayService, env);
    onTestFinished(() => gateway.stop());
    await until('it to see Redis', async () => (await gateway.ask('GET', '/events')).status === 200);
    const bury = () => redis.xadd(deadKey('0'), '*', 'dead.id', '1-0', 'eventType', 'Any');
    const ids = [await bury(), await bury()];
    expect((await gateway.ask('GET', '/dead-letters')).status).toBe(200);
    expect((await gateway.ask('POST', `/dead-letters/${ids[0]}/redrive`)).status).toBe(200);
    const discarded = await gateway.ask('POST', `/dead-letters/${ids[1]}/discard`, { body: { reason: 'a test' } });
    expect(discarded.status).toBe(200);
    expect((await gateway.ask('GET', '/dead-letters/actions')).status).toBe(200);
    expect((await gateway.ask('GET', '/events?orderId=1')).status).toBe(200);
    expect(await gateway.metric('saga_dead_letters{service="gateway"}')).toBe(0);
    expect(await deniedObjects(redis)).toEqual([]);
  });

  test('one that may not ask about its rights is trusted', async () => {
    const rules = aclRulesOf('exchange').filter((rule) => !rule.startsWith('+acl|'));
    expect((await (await started('exchange', await withRights('exchange', rules))).ask('GET', '/readyz')).status).toBe(
      200,
    );
  });
});
