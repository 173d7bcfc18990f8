/** The gateway's own pages: what it says of the services behind it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem } from 'common/http/problem';
import { expect, onTestFinished, test } from 'vitest';
import { serve, silentPort, startGateway, stopServing } from '../../../tests/kit/startGateway.ts';
import { until } from '../../../tests/kit/until.ts';

const ready: RequestListener = (_, outgoing) => void outgoing.end('{}');

const unready: RequestListener = (_, outgoing) => {
  outgoing.writeHead(503).end(JSON.stringify({ status: 503, detail: 'Redis is away' }));
};

async function readinessOf(url: string): Promise<[number, string | undefined]> {
  const answer = await fetch(`${url}/readyz`);
  return [answer.status, ((await answer.json()) as Partial<Problem>).detail];
}

test('ready when every expected service is; else 503 that names each with its URL and why', async () => {
  const [good, bad] = [await serve(ready), await serve(unready)];
  const url = await startGateway({ ORDER_URL: good.url, POINT_URL: bad.url, EXPECTED_SERVICES: 'order' });
  expect(await readinessOf(url)).toEqual([200, undefined]);
  const down = `http://127.0.0.1:${await silentPort()}`;
  const env = { ORDER_URL: good.url, POINT_URL: bad.url, EXCHANGE_URL: down, DEADLINE_URL: good.url };
  const [status, detail] = await readinessOf(await startGateway(env));
  expect(status).toBe(503);
  expect(detail).toMatch(
    /^Down: exchange \(http:[^)]+\): [^;]*ECONNREFUSED[^;]*; point \(http:[^)]+\): Redis is away$/,
  );
  expect(detail).toContain(down);
  expect(detail).toContain(bad.url);
});

test('a service that never answers its probe is down', async () => {
  const url = await startGateway({ ORDER_URL: (await serve(() => {})).url, EXPECTED_SERVICES: 'order' });
  const [status, detail] = await readinessOf(url);
  expect(status).toBe(503);
  expect(detail).toMatch(/^Down: order \(.*\): .*timeout/);
});

test('what listens there and is no service tells so in its own words', async () => {
  const other = await serve((_, outgoing) => void outgoing.writeHead(404).end('<h1>Not here</h1>'));
  const url = await startGateway({ ORDER_URL: other.url, EXPECTED_SERVICES: 'order' });
  expect(await readinessOf(url)).toEqual([503, `Down: order (${other.url}): <h1>Not here</h1>`]);
});

test('the run file says who is expected, live', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const runFile = join(folder, 'run.json');
  const listed = (...names: string[]) =>
    writeFile(runFile, JSON.stringify({ services: names.map((name) => ({ name })) }));
  const url = await startGateway({ ORDER_URL: (await serve(ready)).url, RUN_FILE: runFile });
  await listed('order', 'exchange', 'gateway');
  expect((await readinessOf(url))[0]).toBe(503);
  await listed('order', 'gateway');
  expect((await readinessOf(url))[0]).toBe(200);
});

test('alive and documented with every service and Redis down', async () => {
  const url = await startGateway();
  expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: 'ok', service: 'gateway' });
  expect((await fetch(`${url}/docs`)).status).toBe(200);
  expect((await readinessOf(url))[0]).toBe(503);
});

const documentOf =
  (path: string, schemas: object): RequestListener =>
  (incoming, outgoing) => {
    const operation = {
      responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Item' } } } } },
    };
    const document = {
      openapi: '3.1.0',
      info: { title: path, version: '1' },
      paths: { [path]: { get: operation } },
      components: { schemas },
    };
    outgoing.writeHead(incoming.url === '/openapi.json' ? 200 : 404).end(JSON.stringify(document));
  };

type Joined = {
  info: { title: string; description: string };
  paths: Record<string, { get: object }>;
  components: { schemas: object };
};

const joinedAt = async (url: string) => (await (await fetch(`${url}/openapi.json`)).json()) as Joined;

test('one document of all services; names that mean different things are told apart', async () => {
  const problem = { type: 'object' };
  const order = documentOf('/orders', { Item: { type: 'string' }, Problem: problem });
  const point = documentOf('/points', { Item: { type: 'number' }, Problem: problem });
  const url = await startGateway({ ORDER_URL: (await serve(order)).url, POINT_URL: (await serve(point)).url });
  const { info, paths, components } = await joinedAt(url);
  expect(components.schemas).toMatchObject({
    Item: { type: 'string' },
    'point.Item': { type: 'number' },
    Problem: problem,
  });
  expect(JSON.stringify(paths['/orders'])).toContain('"$ref":"#/components/schemas/Item"');
  expect(JSON.stringify(paths['/points'])).toContain('"$ref":"#/components/schemas/point.Item"');
  expect(paths['/points']?.get).toMatchObject({ tags: ['point'], responses: { 504: {} } });
  expect(Object.keys(paths).slice(0, 2)).toEqual(['/orders', '/points']);
  expect(info.description).toMatch(/Left out, because down: exchange \(http:[^)]+\), deadline \(http:[^)]+\)\.$/);
});

test("probes are in the one document once: they are the gateway's own", async () => {
  const url = await startGateway({ ORDER_URL: (await serve(documentOf('/healthz', {}))).url });
  expect((await joinedAt(url)).paths['/healthz']?.get).toMatchObject({ tags: ['probes'] });
});

test('a part is kept while its service stays, left out when it goes, and asked for again when it is back', async () => {
  let asked = 0;
  const order: RequestListener = (incoming, outgoing) => {
    asked += 1;
    documentOf(`/orders/${asked}`, {})(incoming, outgoing);
  };
  const { url: ORDER_URL, server, port } = await serve(order);
  const url = await startGateway({ ORDER_URL });
  const ordersAt = async () => Object.keys((await joinedAt(url)).paths).filter((path) => path.startsWith('/orders'));
  expect([await ordersAt(), await ordersAt(), asked]).toEqual([['/orders/1'], ['/orders/1'], 1]);
  await stopServing(server);
  // The end of its connection is on its way to the gateway.
  await until('its part to be left out', async () => (await ordersAt()).length === 0);
  expect((await joinedAt(url)).info.description).toContain('order (');
  await serve(order, port);
  expect(await ordersAt()).toEqual(['/orders/2']);
});

test('a document that is none, or an error, is left out', async () => {
  const nonsense = await serve((_, outgoing) => void outgoing.end('[1]'));
  const failing = await serve((_, outgoing) => void outgoing.writeHead(500).end('{"info":{},"paths":{"/x":{}}}'));
  const url = await startGateway({ ORDER_URL: nonsense.url, POINT_URL: failing.url });
  const { info, paths } = await joinedAt(url);
  expect(Object.keys(paths)).not.toContain('/x');
  expect(info.description).toMatch(/order \(.*point \(/);
});

test('proxied answers are counted by service and status', async () => {
  const url = await startGateway({ ORDER_URL: (await serve(ready)).url });
  await (await fetch(`${url}/orders`)).text();
  await (await fetch(`${url}/points`)).text();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('gateway_upstream_answer_seconds_count{service="gateway",upstream="order",status="200"} 1');
  expect(metrics).toContain('gateway_upstream_answer_seconds_count{service="gateway",upstream="point",status="503"} 1');
});
