import { once } from 'node:events';
import { readConfig } from 'common/config/readConfig';
import { deadKey } from 'common/events/keys';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { deadLetterIncidents } from './deadLetterIncidents.ts';
import { foundation } from './foundation.ts';

// Goal: of all dead letters, those that waiting does not mend are shown to the service whose they are, the newest first, and
// a scrape outlives a Redis that is lost under it. Method: letters in two partitions, as actors bury them.
async function startIncidents() {
  const server = await startTestRedis();
  const registry = new Registry();
  const config = readConfig('exchange', { REDIS_URL: server.url, PARTITIONS: '2' });
  const context = { config, logger: pino({ level: 'silent' }), registry };
  const base = foundation(context);
  await base.connections.connect();
  onTestFinished(async () => {
    await base.connections.closeAll();
    await server.stop();
  });
  const redis = base.connections.commands;
  const keyOf = (partition: number) => deadKey(base.partitions[partition]?.tag ?? 'none');

  return {
    redis,
    keyOf,
    incidents: deadLetterIncidents(context, base, 'exchange'),
    scraped: async () => /^saga_dead_letter_incidents (.+)$/m.exec(await registry.metrics())?.[1],
    async bury(partition: number, reason: string, at: number, group = 'exchange') {
      const why = { 'dead.reason': reason, 'dead.cause': 'amount', 'dead.group': group, 'dead.id': `${at}-7` };
      const letter = { ...why, 'dead.attempts': 0, 'dead.at': at, eventType: 'OrderCreated', orderId: at };
      return redis.xadd(keyOf(partition), '*', ...Object.entries(letter).flat());
    },
  };
}

test('those of its group that no attempt could have saved, of every partition, the newest first', async () => {
  const { bury, incidents, scraped } = await startIncidents();
  expect([await incidents(), await scraped()]).toEqual([[], '0']);
  const trimmed = await bury(0, 'TRIMMED', 1);
  const stale = await bury(1, 'STALE', 2);
  const malformed = await bury(0, 'MALFORMED', 3);
  await bury(0, 'FAILED', 4);
  await bury(1, 'MALFORMED', 5, 'point');
  const found = await incidents();
  expect(found.map(({ id }) => id)).toEqual([malformed, stale, trimmed]);
  expect(found[1]).toEqual({
    ...{
      partition: 1,
      id: stale,
      reason: 'STALE',
      cause: 'amount',
      originalId: '2-7',
      at: '1970-01-01T00:00:00.002Z',
      orderId: '2',
    },
  });
  expect(await scraped()).toBe('3');
});

test('ten are shown, all are counted', async () => {
  const { bury, incidents, scraped } = await startIncidents();
  for (let at = 1; at <= 12; at++) await bury(at % 2, 'MALFORMED', at);
  expect((await incidents()).map(({ at }) => Date.parse(at))).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  expect(await scraped()).toBe('12');
});

test('a Redis that fails under a scrape makes the number unknown, one that is away leaves it as it was', async () => {
  const { redis, keyOf, bury, scraped } = await startIncidents();
  await bury(0, 'MALFORMED', 1);
  expect(await scraped()).toBe('1');
  await redis.set(keyOf(0), 'of the wrong type');
  expect(await scraped()).toBe('Nan');
  await redis.del(keyOf(0));
  await bury(1, 'STALE', 2);
  expect(await scraped()).toBe('1');
  const closed = once(redis, 'close');
  redis.disconnect();
  await closed;
  expect(await scraped()).toBe('1');
});
