import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { freePort, freePortOffset } from '../../../tests/kit/freePort.ts';
import { type LauncherProcess, startLauncher } from '../../../tests/kit/launcherProcess.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { until } from '../../../tests/kit/until.ts';
import { isAlive } from './processes/isAlive.ts';
import { ask } from './redis/ask.ts';
import { servicePorts } from './services/serviceNames.ts';

// Goal: the launcher as its users meet it. Method: as a process, with a real Redis and stand-ins for the services.

const program = join(import.meta.dirname, '../standIns/launcher.ts');
const own = inject('redisSource').kind === 'binary';

let data: string;
let offset: number;
let running: LauncherProcess[];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'launcher-'));
  offset = await freePortOffset(Object.values(servicePorts));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((launcher) => launcher.end()));
  await rm(data, { recursive: true, force: true });
});

function launch(args: string[] = [], env: NodeJS.ProcessEnv = {}): LauncherProcess {
  const launcher = startLauncher([program], { data, args: ['--port-offset', String(offset), ...args], env });
  running.push(launcher);
  return launcher;
}

async function ready(launcher: LauncherProcess): Promise<LauncherProcess> {
  await launcher.untilSays('Ready after');
  return launcher;
}

/** Every process that a launcher has started. */
async function processes(launcher: LauncherProcess): Promise<number[]> {
  const { redis, services } = await launcher.run();
  return [redis.pid, ...services.map(({ pid }) => pid)].filter((pid) => typeof pid === 'number');
}

async function row(launcher: LauncherProcess, name: string) {
  return (await launcher.run()).services.find((service) => service.name === name);
}

async function given(name: keyof typeof servicePorts): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${servicePorts[name] + offset}/healthz`);
  return (await response.json()) as Record<string, unknown>;
}

const exists = (path: string) =>
  stat(path)
    .then(() => true)
    .catch(() => false);

/** Ends a launcher and holds it to its promise: exit 0 within 5 s and nothing left. */
async function endsCleanly(launcher: LauncherProcess, end: () => void): Promise<void> {
  const pids = await processes(launcher);
  const startedAt = performance.now();
  end();
  expect(await launcher.exited).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(await exists(join(data, 'run.json'))).toBe(false);
}

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

/** Without --port-offset: one that joins takes that of the first. */
function startJoining(args: readonly string[]): LauncherProcess {
  const launcher = startLauncher([program], { data, args });
  running.push(launcher);
  return launcher;
}

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
