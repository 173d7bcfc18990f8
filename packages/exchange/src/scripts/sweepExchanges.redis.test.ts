import { Retention } from 'common/actor/retention';
import { readConfig } from 'common/config/readConfig';
import { indexKey } from 'common/events/keys';
import { partitionsOf } from 'common/partition/partition';
import { foundation } from 'common/process/foundation';
import { createRegistry } from 'common/telemetry/metrics';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startInProcess } from '../../../../tests/kit/inProcess.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { EXCHANGE_STATUSES, type ExchangeStatus } from '../exchange.ts';
import { exchangeKey, statusIndexKey } from '../keys.ts';
import { createExchangeService } from '../service.ts';
import { exchangeSweep } from './sweepExchanges.ts';

// Goal: an exchange goes when its time is over and its order is gone, never before, and what has to stay is in nobody's
// way. Method: records of chosen ages on a real Redis over two partitions, whole rounds of the retention.
const RETENTION_MS = 60_000;
const partitions = partitionsOf(2);
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
const errors: string[] = [];
const logger = pino({ level: 'error', base: null }, { write: (line) => errors.push(line) });
const config = readConfig('exchange', { REDIS_URL: server.url, PARTITIONS: '2' });
const base = foundation({ config, logger, registry: createRegistry('exchange', { defaults: false }) });
await base.connections.connect();
afterAll(async () => {
  redis.disconnect();
  await base.connections.closeAll();
  await server.stop();
});
beforeEach(async () => {
  errors.length = 0;
  await redis.flushall();
});

const tagOf = (orderId: number) => partitions[(orderId - 1) % 2]?.tag ?? '';

/** An exchange whose deadline was that long ago; its own service has forgotten the order unless it is `kept`. */
async function record(orderId: number, status: ExchangeStatus, agoMs: number, { kept = false, more = {} } = {}) {
  const tag = tagOf(orderId);
  const at = Date.now() - agoMs;
  await redis.hset(exchangeKey(tag, orderId), { status, userId: 'jjy', deadline: at, at, ...more });
  await redis.zadd(statusIndexKey(tag, status), at, `${orderId}`.padStart(16, '0'));
  if (kept) await redis.rpush(indexKey(tag, orderId), '1-1');
}

const isThere = (orderId: number) => redis.exists(exchangeKey(tagOf(orderId), orderId));
const allThere = (...orderIds: number[]) => Promise.all(orderIds.map(isThere));
const indexed = async (status: ExchangeStatus) => {
  const members = await Promise.all(partitions.map(({ tag }) => redis.zrange(statusIndexKey(tag, status), '0', '-1')));
  return members.flat().map(Number);
};

/** One round over every partition and status; what was removed, by status. */
async function sweepOnce(): Promise<Record<string, number>> {
  const registry = createRegistry('exchange', { defaults: false });
  const sweeps = EXCHANGE_STATUSES.map((status) => [status, exchangeSweep(base, status, RETENTION_MS)]);
  const times = { ...config, retentionMs: RETENTION_MS };
  const options = { ...base, config: times, logger, registry, sweeps: Object.fromEntries(sweeps) };
  await new Retention(options).sweepOnce();
  const { values = [] } = (await registry.getSingleMetric('saga_retention_removed_total')?.get()) ?? {};
  return Object.fromEntries(values.map(({ labels, value }) => [labels.what, value]));
}

test('of every status those go whose retention is over and whose order is gone; with their place in the index', async () => {
  for (const [i, status] of EXCHANGE_STATUSES.entries()) {
    await record(10 * i + 1, status, RETENTION_MS + 1_000);
    await record(10 * i + 2, status, RETENTION_MS - 30_000);
    await record(10 * i + 3, status, RETENTION_MS + 1_000, { kept: true });
    await record(10 * i + 4, status, RETENTION_MS + 1_000);
  }
  expect(await sweepOnce()).toMatchObject({ EXCHANGED: 2, FAILED: 2, VOIDED: 2, COMPENSATED: 2 });
  for (const [i, status] of EXCHANGE_STATUSES.entries()) {
    const ids = [1, 2, 3, 4].map((each) => 10 * i + each);
    expect(await allThere(...ids)).toEqual([0, 1, 1, 0]);
    expect((await indexed(status)).sort((a, b) => a - b)).toEqual([10 * i + 2, 10 * i + 3]);
  }
  expect(await sweepOnce()).toMatchObject({ EXCHANGED: 0, FAILED: 0, VOIDED: 0, COMPENSATED: 0 });
  expect(errors).toEqual([]);
});

test('an old exchange of an order whose deadline is not past its retention stays', async () => {
  await record(1, 'EXCHANGED', RETENTION_MS + 1_000, { more: { deadline: Date.now() } });
  expect(await sweepOnce()).toMatchObject({ EXCHANGED: 0 });
  expect(await isThere(1)).toBe(1);
});

test('more that have to stay than one call looks at are passed over', async () => {
  const kept = Array.from({ length: 401 }, (_, i) => 2 * i + 1);
  await Promise.all(kept.map((orderId) => record(orderId, 'EXCHANGED', RETENTION_MS + 9_000, { kept: true })));
  await record(2_001, 'EXCHANGED', RETENTION_MS + 1_000);
  expect(await sweepOnce()).toMatchObject({ EXCHANGED: 1 });
  expect(await isThere(2_001)).toBe(0);
  expect(await indexed('EXCHANGED')).toHaveLength(kept.length);
});

test('one that cannot be read stays, is told, and is in nobody’s way', async () => {
  await record(1, 'FAILED', RETENTION_MS + 2_000, { more: { deadline: 'soon' } });
  await record(3, 'FAILED', RETENTION_MS + 1_000);
  expect(await sweepOnce()).toMatchObject({ FAILED: 1 });
  expect(await allThere(1, 3)).toEqual([1, 0]);
  expect(errors).toEqual([expect.stringContaining('the deadline of order 1')]);
});

test('the service does it by itself, for every status in every partition', async () => {
  for (const [i, status] of EXCHANGE_STATUSES.entries()) {
    await record(2 * i + 1, status, 3_000);
    await record(2 * i + 2, status, 3_000);
  }
  await record(21, 'EXCHANGED', 3_000, { kept: true });
  const env = { REDIS_URL: server.url, PARTITIONS: '2', RETENTION_MS: '1000' };
  const service = await startInProcess('exchange', createExchangeService, env);
  try {
    const gone = async () => (await allThere(1, 2, 3, 4, 5, 6, 7, 8)).every((there) => there === 0);
    await until('all to be gone', gone);
    expect(await isThere(21)).toBe(1);
    const removed = (what: string) => `saga_retention_removed_total{what="exchanges ${what}",service="exchange"}`;
    await until('that to be counted', async () => (await service.metric(removed('COMPENSATED'))) === 2);
  } finally {
    await service.stop();
  }
});
