import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort } from '../../../tests/kit/freePort.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import {
  data,
  endsCleanly,
  exists,
  given,
  launch,
  own,
  processes,
  ready,
  row,
  startJoining,
  useStandIns,
} from '../../../tests/kit/standInLauncher.ts';
import { until } from '../../../tests/kit/until.ts';
import { isAlive } from './processes/isAlive.ts';
import { ask } from './redis/ask.ts';

// Goal: launchers that share a folder or a Redis, or find what another has left. Method: as processes, with stand-ins.

useStandIns();

test('on the Redis at REDIS_URL, which it leaves running', async () => {
  const redis = await startTestRedis();
  try {
    const launcher = await ready(launch(['order'], { REDIS_URL: redis.url }));
    expect((await launcher.run()).redis).toEqual({ url: redis.url });
    await endsCleanly(launcher, () => launcher.signal('SIGINT'));
    await ask(redis.url, ['PING']);
    const refused = launch(['--fresh'], { REDIS_URL: redis.url });
    expect(await refused.exited).toBe(1);
    expect(refused.errors()).toContain('--fresh');
  } finally {
    await redis.stop();
  }
});

test('a second launcher joins with services that it names, and ends with the first', async () => {
  const first = await ready(launch(['order', 'gateway']));
  const second = await ready(startJoining(['exchange']));
  const { redis, services } = await first.run();
  expect(services.map(({ name, launcher }) => [name, launcher])).toEqual([
    ['order', first.pid],
    ['exchange', second.pid],
    ['gateway', first.pid],
  ]);
  expect(await given('exchange')).toMatchObject({ REDIS_URL: redis.url });
  first.type('stop exchange');
  await first.untilSays(`exchange is run by launcher ${second.pid}: stop it there`);
  for (const [args, reason] of [
    [[], 'name services to add'],
    [['order'], 'order runs already'],
    [['point', '--fresh'], 'end it before --fresh'],
    [['point', '--port-offset', '7'], 'one that joins has the same'],
  ] as const) {
    const refused = startJoining(args);
    expect(await refused.exited).toBe(1);
    expect(refused.errors()).toContain(reason);
  }
  const pids = await processes(first);
  first.signal('SIGTERM');
  expect(await first.exited).toBe(0);
  expect(await second.exited).toBe(0);
  expect(second.output()).toContain(`launcher ${first.pid}, which owns Redis, has ended`);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('of two that start at once, one has the folder, and the other starts nothing in it', async () => {
  const both = [launch(), launch()];
  const refused = await Promise.race(both.map((each) => each.exited.then(() => each)));
  expect(await refused.exited).toBe(1);
  expect(refused.errors()).toContain('name services to add');
  expect(refused.output()).not.toContain('Redis redis://');
  const owner = await ready(both.find((each) => each !== refused) ?? refused);
  expect((await owner.run()).launcher).toBe(owner.pid);
});

test('one with something to add waits for a launcher that is still starting', async () => {
  const first = launch(['order']);
  await until('the first to have the folder', () => exists(join(data, 'owner')));
  const second = startJoining(['exchange']);
  await Promise.all([ready(first), ready(second)]);
  expect((await first.run()).services.map(({ launcher }) => launcher)).toEqual([first.pid, second.pid]);
});

test.runIf(own)('a Redis that does not answer for a while is still that of a launcher that runs', async () => {
  const first = await ready(launch(['order']));
  const { redis } = await first.run();
  process.kill(redis.pid ?? 0, 'SIGSTOP');
  const refused = launch();
  expect(await refused.exited).toBe(1);
  process.kill(redis.pid ?? 0, 'SIGCONT');
  expect(refused.errors()).toContain('name services to add');
  expect((await first.run()).redis).toEqual(redis);
});

test('one that joined leaves without the first, and takes its services out of the file', async () => {
  const first = await ready(launch(['order']));
  const second = await ready(startJoining(['exchange']));
  await second.end();
  expect((await first.run()).services.map(({ name }) => name)).toEqual(['order']);
  await ask((await first.run()).redis.url, ['PING']);
});

test.runIf(own)('a service that was stopped here can be started by another launcher', async () => {
  const first = await ready(launch(['order', 'exchange']));
  first.type('stop exchange');
  await first.untilSays('exchange: stopped');
  const second = await ready(startJoining(['exchange']));
  first.type('start exchange');
  await first.untilSays(`exchange is run by launcher ${second.pid}: start it there`);
  expect(await row(first, 'exchange')).toMatchObject({ launcher: second.pid, expected: true });
});

test.runIf(own)('killed by SIGKILL: services end by themselves, and the next start clears up its Redis', async () => {
  const killed = await ready(launch());
  const { redis, services } = await killed.run();
  await ask(redis.url, ['SET', 'kept', 'yes']);
  killed.signal('SIGKILL');
  await killed.exited;
  await until('its services to be gone', () => !services.some(({ pid }) => isAlive(pid ?? 0)));
  expect(isAlive(redis.pid ?? 0)).toBe(true);
  const next = await ready(launch());
  expect(next.output()).toContain(`ending the Redis (process ${redis.pid}) that a killed launcher left`);
  expect(isAlive(redis.pid ?? 0)).toBe(false);
  expect(await ask((await next.run()).redis.url, ['GET', 'kept'])).toBe('yes');
});

test('a run file of a launcher that is long gone is no obstacle', async () => {
  const { writeRunFile } = await import('./runFile.ts');
  const url = `redis://127.0.0.1:${await freePort()}`;
  // Its Redis' process id is somebody else's now, who must not be touched.
  const stale = {
    launcher: process.ppid,
    stopping: false,
    portOffset: 0,
    redis: { url, pid: process.pid },
    services: [],
  };
  await writeRunFile(join(data, 'run.json'), stale);
  const launcher = await ready(launch(['order']));
  expect((await launcher.run()).launcher).toBe(launcher.pid);
});

test.runIf(own)('a Redis that dies is started again on the same port with its data', async () => {
  const launcher = await ready(launch(['order']));
  const { redis } = await launcher.run();
  process.kill(redis.pid ?? 0, 'SIGKILL');
  await launcher.untilSays(/Redis runs again \(process \d+\)/);
  const after = await until('the run file to follow', async () => {
    const now = (await launcher.run()).redis;
    return now.pid !== redis.pid && now;
  });
  expect(after.url).toBe(redis.url);
  await ask(after.url, ['PING']);
});
