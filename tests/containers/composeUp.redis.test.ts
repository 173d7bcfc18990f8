import { randomUUID } from 'node:crypto';
import { backendNames } from 'common/config/readConfig';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../kit/until.ts';
import { readComposeFile } from './composeFile.ts';
import { type ComposeProject, composeProject } from './composeProject.ts';

// Goal: `docker compose up` alone gives the whole system, which survives what containers go through. Method: a project
// with ports, volumes and an image of its own, really built and run; RedisInsight is the only one that is left out.
const isAsked = process.env.SAGA_TEST_REDIS === 'containers';
const upTimeoutMs = 600_000;
const stepTimeoutMs = 120_000;
const settleTimeoutMs = 60_000;

const services = ['gateway', ...backendNames];
const started = Object.keys(readComposeFile().services).filter((name) => name !== 'redisinsight');

if (!isAsked) console.error('docker compose up: skipped, it needs Docker: npm run test:containers');

type Order = { id: number; status: string };

describe.skipIf(!isAsked)('docker compose up', { timeout: stepTimeoutMs }, () => {
  let project: ComposeProject;

  beforeAll(async () => {
    project = await composeProject(`saga-test-${randomUUID().slice(0, 8)}`);
    try {
      await project.compose('up', '--detach', '--build', '--wait', ...started);
    } catch (error) {
      throw new Error(`not up; the logs:\n${await project.compose('logs', '--no-color')}`, { cause: error });
    }
    await post('/points', { userId: 'alice', point: '1000000' });
  }, upTimeoutMs);
  afterAll(() => project?.down(), stepTimeoutMs);

  const post = async <T>(path: string, body: object, headers: Record<string, string> = {}): Promise<T> => {
    const response = await fetch(project.url('gateway') + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const get = async <T>(path: string, service = 'gateway'): Promise<T> =>
    (await (await fetch(project.url(service) + path)).json()) as T;

  /** Tried again, under one key, until it is taken: as a client does that gets no answer. */
  const place = (headers: Record<string, string> = {}): Promise<Order> => {
    const key = randomUUID();
    const order = { holderId: 'alice', currencyId: '1', amount: '10' };
    return until('an order to be taken', () => post<Order>('/orders', order, { 'Idempotency-Key': key, ...headers }), {
      timeoutMs: settleTimeoutMs,
    });
  };
  const settled = (id: number) =>
    until(
      `order ${id} to settle`,
      async () => {
        const order = await get<Order>(`/orders/${id}`);
        return order.status !== 'PENDING' && order;
      },
      { timeoutMs: settleTimeoutMs },
    );
  /** Runs a line of Node in a service's container. */
  const inside = (service: string, script: string) => project.compose('exec', '-T', service, 'node', '-e', script);

  test('an order is approved through the gateway', async () => {
    expect(await place({ Prefer: 'wait=10' })).toMatchObject({ status: 'APPROVED' });
    expect(await get('/points/alice')).toMatchObject({ point: 999_990, used: 10 });
  });

  test('every service is healthy, knows its Redis as durable, and the gateway is ready', async () => {
    for (const name of services) {
      expect(await project.inspect(name, '{{.State.Health.Status}}')).toBe('healthy');
      expect(await get('/healthz', name)).toMatchObject({ status: 'ok', service: name });
    }
    expect(await get('/healthz', 'order')).toMatchObject({ durability: 'everysec' });
    expect(await get('/readyz')).toMatchObject({ status: 'ready' });
  });

  test('a container has no rights to spare, and no file that it has no use for', async () => {
    const script = `
      const { globSync, existsSync, writeFileSync } = require('node:fs');
      const refused = (path) => { try { writeFileSync(path, ''); return false; } catch { return true; } };
      const own = { exclude: (path) => path.endsWith('node_modules') };
      console.log(JSON.stringify({
        user: process.getuid(),
        readOnly: refused('/app/x') && refused('/tmp/x'),
        tests: globSync('**/*.test.ts', own).length,
        others: ['tests', 'tools', 'docs', 'packages/launcher', 'node_modules/node'].filter((path) => existsSync(path)),
      }))`;
    expect(JSON.parse(await inside('order', script))).toEqual({ user: 1000, readOnly: true, tests: 0, others: [] });
  });

  test('a killed exchange comes back by itself and takes up what waits for it', async () => {
    const restarts = Number(await project.inspect('exchange', '{{.RestartCount}}'));
    await inside('exchange', killsItsService).catch(() => {});
    const { id } = await place();
    expect(await settled(id)).toMatchObject({ status: 'APPROVED' });
    expect(Number(await project.inspect('exchange', '{{.RestartCount}}'))).toBe(restarts + 1);
  });

  test('orders placed before, while and after Redis restarts settle, and the points add up', async () => {
    const before = await get<{ used: number }>('/points/alice');
    const placed = [await place()];
    const restarted = project.compose('restart', 'redis');
    let isDown = true;
    void restarted.finally(() => {
      isDown = false;
    });
    do placed.push(await place());
    while (isDown);
    await restarted;
    placed.push(await place());

    const orders = await Promise.all(placed.map(({ id }) => settled(id)));
    expect(new Set(orders.map(({ id }) => id)).size).toBe(placed.length);
    expect(orders.at(-1)).toMatchObject({ status: 'APPROVED' });
    const approved = orders.filter(({ status }) => status === 'APPROVED').length;
    await until('the points of every approved order, and no others, to be used', async () => {
      const { used } = await get<{ used: number }>('/points/alice');
      return used === before.used + 10 * approved;
    });
  });

  test('what was settled is still there after Redis was killed and the containers were made anew', async () => {
    const order = await settled((await place()).id);
    await project.compose('kill', 'redis');
    await project.compose('up', '--detach', '--wait', '--force-recreate', ...started);
    expect(await get(`/orders/${order.id}`)).toEqual(order);
  });

  test('everything stops in order when asked to, and nothing is left of it', async () => {
    await project.compose('stop');
    for (const name of started) {
      expect([name, await project.inspect(name, '{{.State.ExitCode}}')]).toEqual([name, '0']);
    }
    await project.down();
    expect(await project.remains()).toEqual([]);
  });
});

/** `docker kill` would count as asked for by a person, who wants it down: a crash comes from inside. */
const killsItsService = `
  const { readdirSync, readFileSync } = require('node:fs');
  for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
    const line = readFileSync('/proc/' + pid + '/cmdline', 'utf8');
    if (line.startsWith('node\\0packages/')) process.kill(Number(pid), 'SIGKILL');
  }`;
