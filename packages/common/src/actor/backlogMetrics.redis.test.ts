import { logKey } from 'common/events/keys';
import { Connections } from 'common/redis/connections';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { backlogMetrics } from './backlogMetrics.ts';

// Goal: a scrape tells how far a group is behind in each partition, and a Redis that is away spoils none. Method: two logs
// of which one was read in part, with one entry still pending.
const server = await startTestRedis();
const connections = new Connections(server.url, 'test', pino({ level: 'silent' }));
await connections.connect();
const redis = connections.commands;
afterAll(async () => {
  await connections.closeAll();
  await server.stop();
});

test('lag, age and pending entries by partition, as they were last known while Redis is away', async () => {
  const partitions = [
    { index: 0, tag: '0' },
    { index: 1, tag: '1' },
  ];
  for (const { tag } of partitions) await redis.xgroup('CREATE', logKey(tag), 'order', '0', 'MKSTREAM');
  for (let i = 0; i < 3; i++)
    await redis.xadd(logKey('1'), `${Date.now() - 60_000}-${i + 1}`, 'eventType', 'OrderPlaced');
  await redis.xreadgroup('GROUP', 'order', 'c', 'COUNT', 1, 'STREAMS', logKey('1'), '>');

  const registry = new Registry();
  backlogMetrics(registry, 'order', partitions, connections);
  const value = (text: string, name: string, partition: number) =>
    Number(new RegExp(`^saga_actor_${name}\\{group="order",partition="${partition}"\\} (.+)$`, 'm').exec(text)?.[1]);

  const told = await registry.metrics();
  expect([value(told, 'lag', 0), value(told, 'pending', 0), value(told, 'oldest_unread_seconds', 0)]).toEqual([
    0, 0, 0,
  ]);
  expect([value(told, 'lag', 1), value(told, 'pending', 1)]).toEqual([2, 1]);
  expect(value(told, 'oldest_unread_seconds', 1)).toBeGreaterThanOrEqual(60);

  redis.disconnect();
  expect(value(await registry.metrics(), 'pending', 1)).toBe(1);
});
