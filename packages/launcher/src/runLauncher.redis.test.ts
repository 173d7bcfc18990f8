import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startLauncher } from '../../../tests/kit/launcherProcess.ts';
import {
  data,
  endsCleanly,
  exists,
  given,
  launch,
  offset,
  processes,
  program,
  ready,
  row,
  useStandIns,
} from '../../../tests/kit/standInLauncher.ts';
import { until } from '../../../tests/kit/until.ts';
import { isAlive } from './processes/isAlive.ts';
import { ask } from './redis/ask.ts';
import { servicePorts } from './services/serviceNames.ts';

// Goal: the launcher as its users meet it. Method: as a process, with a real Redis and stand-ins for the services.

useStandIns();

test('starts everything on a Redis of its own, says where it is, and ends on a line', async () => {
  const launcher = await ready(launch());
  const { redis, services } = await launcher.run();
  expect(services.map(({ name, port, url, expected }) => [name, port, url, expected])).toEqual(
    Object.entries(servicePorts).map(([name, port]) => [
      name,
      port + offset,
      `http://127.0.0.1:${port + offset}`,
      true,
    ]),
  );
  for (const { name, pid, port } of services) {
    expect(launcher.output()).toMatch(new RegExp(`${name} +${port} +${pid} +http://127.0.0.1:${port} +up`));
  }
  expect(launcher.output()).toContain(`http POST :${8088 + offset}/points userId=jjy point=10000`);
  expect(await ask(redis.url, ['CONFIG', 'GET', 'appendonly'])).toEqual(['appendonly', 'yes']);
  expect(await given('gateway')).toMatchObject({
    pid: services.at(-1)?.pid,
    REDIS_URL: redis.url,
    RUN_FILE: join(data, 'run.json'),
    EXPECTED_SERVICES: 'order,exchange,point,deadline',
    ORDER_URL: `http://127.0.0.1:${8081 + offset}`,
  });
  expect(await readFile(join(data, 'logs/order.log'), 'utf8')).toContain('listening');
  expect(launcher.errors()).toBe('');
  await endsCleanly(launcher, () => launcher.type('quit'));
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends everything, and a second one changes nothing',
  async (signal) => {
    const launcher = await ready(launch());
    await endsCleanly(launcher, () => {
      launcher.signal(signal);
      launcher.signal(signal);
    });
  },
);

test('a service that is deaf to SIGTERM does not hold it up', async () => {
  const launcher = await ready(launch(['point', 'order'], { STAND_IN_POINT: 'stubborn' }));
  await endsCleanly(launcher, () => launcher.signal('SIGTERM'));
});

test('SIGTERM in the middle of the start leaves nothing', async () => {
  const launcher = launch();
  await until('a service to be started', async () => (await launcher.run()).services.length > 0);
  await endsCleanly(launcher, () => launcher.signal('SIGTERM'));
});

test('stop takes a service out of what is expected, start brings it back', async () => {
  const launcher = await ready(launch());
  const before = await row(launcher, 'exchange');
  launcher.type('stop exchange');
  await launcher.untilSays('exchange: stopped');
  await until('exchange to be out', async () => (await row(launcher, 'exchange'))?.pid === null);
  expect(await row(launcher, 'exchange')).toMatchObject({ expected: false });
  expect(isAlive(before?.pid ?? 0)).toBe(false);
  launcher.type('start exchange');
  await launcher.untilSays('exchange: up');
  await until('exchange to be back', async () => (await row(launcher, 'exchange'))?.expected);
  expect(await given('exchange')).toMatchObject({ pid: (await row(launcher, 'exchange'))?.pid });
});

test('a killed service stays expected and comes back as another process', async () => {
  const launcher = await ready(launch());
  const before = await row(launcher, 'order');
  launcher.type('kill order');
  await launcher.untilSays('order: ended with SIGKILL; starting again in 0.25 s');
  await launcher.untilSays(/order: runs again \(process \d+\)/);
  const after = await row(launcher, 'order');
  expect(after).toMatchObject({ expected: true });
  expect(after?.pid).not.toBe(before?.pid);
  launcher.type('status');
  await launcher.untilSays(new RegExp(`order +${after?.port} +${after?.pid} .* up`));
});

test('what it cannot do it says, and goes on', async () => {
  const launcher = await ready(launch(['--without', 'exchange']));
  for (const [line, answer] of [
    ['stop bank', "no service 'bank'"],
    ['dance', "'dance' is no command"],
    ['kill exchange', 'exchange: it does not run'],
  ] as const) {
    launcher.type(line);
    await launcher.untilSays(answer);
  }
  const holder = createServer().listen(servicePorts.exchange + offset, '127.0.0.1');
  launcher.type('start exchange');
  await launcher.untilSays(`port ${servicePorts.exchange + offset} (exchange) cannot be used, it is in use`);
  await new Promise((resolve) => holder.close(resolve));
  expect(await row(launcher, 'exchange')).toBeUndefined();
  launcher.type('start exchange');
  await launcher.untilSays('exchange: up');
});

test('warnings of a service are shown with its name in front', async () => {
  const launcher = await ready(launch(['order'], { STAND_IN_ORDER: 'warn' }));
  expect(launcher.output()).toContain('order | warn: appendonly is off (no AOF)');
});

test('data survives from one start to the next, and --fresh forgets it', async () => {
  const set = await ready(launch(['order']));
  await ask((await set.run()).redis.url, ['SET', 'kept', 'yes']);
  await set.end();
  const kept = await ready(launch(['order']));
  expect(await ask((await kept.run()).redis.url, ['GET', 'kept'])).toBe('yes');
  await kept.end();
  const fresh = await ready(launch(['order', '--fresh']));
  expect(await ask((await fresh.run()).redis.url, ['GET', 'kept'])).toBeNull();
});

test.each([
  [['--colour'], {}, /^npm start: Unknown option '--colour'.*\n$/],
  [['bank'], {}, /^npm start: no service 'bank'; there are order, .*\n$/],
  [[], { STAND_IN_POINT: 'refuse' }, /^npm start: point: DEADLINE_MS must be a whole number, got 'soon'\n$/],
  [[], { STAND_IN_POINT: 'crash' }, /^npm start: point: TypeError: nothing to stand on\n$/],
  [
    [],
    { REDIS_URL: 'redis://127.0.0.1:1' },
    /^npm start: no Redis answers at REDIS_URL redis:\/\/127.0.0.1:1: connect ECONNREFUSED.*\n$/,
  ],
  [[], { REDIS_URL: 'there' }, /^npm start: REDIS_URL must look like redis:\/\/host:6379, got 'there'\n$/],
])('%j with %j: one line, exit 1, nothing left running', async (args, env, line) => {
  const launcher = launch(args, env);
  const seen = new Set<number>();
  const watch = setInterval(
    () =>
      void processes(launcher).then(
        (pids) => pids.forEach((pid) => void seen.add(pid)),
        () => {},
      ),
    10,
  );
  expect(await launcher.exited).toBe(1);
  clearInterval(watch);
  expect(launcher.errors()).toMatch(line);
  expect([...seen].filter(isAlive)).toEqual([]);
  expect(await exists(join(data, 'run.json'))).toBe(false);
});

test('a busy port: one line that names it and the service, before anything is started', async () => {
  const port = servicePorts.deadline + offset;
  const holder = createServer().listen(port, '127.0.0.1');
  const launcher = launch();
  expect(await launcher.exited).toBe(1);
  holder.close();
  expect(launcher.errors()).toMatch(
    new RegExp(`^npm start: port ${port} \\(deadline\\) cannot be used, it is in use: .*\\n$`),
  );
  expect(await exists(join(data, 'redis'))).toBe(false);
});

test.each([program, join(import.meta.dirname, 'main.ts')])(
  '--help of %s says everything and starts nothing',
  async (script) => {
    const launcher = startLauncher([script], { data, args: ['--help'] });
    expect(await launcher.exited).toBe(0);
    for (const word of ['--without', '--port-offset', '--data', '--fresh', 'stop S', 'joins']) {
      expect(launcher.output()).toContain(word);
    }
  },
);
