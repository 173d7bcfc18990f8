import { readConfig } from 'common/config/readConfig';
import { logKey } from 'common/events/keys';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { clockWatch } from './clockWatch.ts';
import { foundation } from './foundation.ts';

// Goal: a clock that went back is told about once, and once more when it is over. Method: an entry of the future in the log
// is what a clock that went back looks like; looks are counted by Redis' own statistics.
test('one line when it begins and one when it is over, however often it is looked at', async () => {
  const server = await startTestRedis();
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const context = { config: readConfig('exchange', { REDIS_URL: server.url }), logger, registry: new Registry() };
  const base = foundation(context);
  const redis = base.connections.commands;
  await base.connections.connect();
  const watch = clockWatch(context, base);
  onTestFinished(async () => {
    await watch.stop();
    await base.connections.closeAll();
    await server.stop();
  });
  const looks = async () => Number(/cmdstat_xinfo\|stream:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1]);
  await redis.xadd(logKey('0'), `${Date.now() + 60_000}-0`, 'eventType', 'Future');
  await watch.start();
  await until('three looks', async () => (await looks()) >= 3, { timeoutMs: 10_000 });
  expect(lines).toEqual(["Redis' clock went back: deadlines come late until it has caught up"]);
  await redis.del(logKey('0'));
  await until('the end of it', () => lines.length > 1, { timeoutMs: 5_000 });
  expect(lines[1]).toBe("Redis' clock has caught up");
});
