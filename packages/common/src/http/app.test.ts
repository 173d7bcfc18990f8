/** An app as services make it, asked over a real port: what its clients see, and nothing of its inside. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type Listening, listen } from 'common/process/listen';
import { createRegistry } from 'common/telemetry/metrics';
import { HTTPException } from 'hono/http-exception';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { type AppOptions, createApp } from './app.ts';
import type { AppEnv } from './appEnv.ts';
import { identifier, positiveInteger } from './fields.ts';
import { idempotencyKeyHeaders } from './idempotencyKey.ts';
import { HttpProblem, type Problem, problem, problemResponses } from './problem.ts';

const listeners: Listening[] = [];

afterEach(async () => {
  for (const listening of listeners.splice(0)) await listening.close(0);
});

const order = z.object({ holderId: identifier(), amount: positiveInteger() }).openapi('NewOrder');
const json = { 'application/json': { schema: order } };

function addRoutes(app: OpenAPIHono<AppEnv>, faults: Record<string, Error>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/orders',
      request: { headers: idempotencyKeyHeaders, body: { required: true, content: json } },
      responses: { 201: { description: 'Made', content: json }, ...problemResponses(400, 409) },
    }),
    async (c) => {
      const body = c.req.valid('json');
      if (body.holderId === 'taken') return problem(c, 409, { detail: 'It is taken', type: 'urn:taken' });
      return c.json(body, 201, { Location: '/orders/1' });
    },
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/rates/{currencyId}',
      request: {
        params: z.object({ currencyId: identifier() }),
        query: z.object({ limit: positiveInteger({ max: 5 }).optional() }),
        headers: idempotencyKeyHeaders,
        body: { content: json },
      },
      responses: { 200: { description: 'Set' } },
    }),
    (c) => c.json({ ...c.req.valid('param'), ...c.req.valid('query'), ...c.req.valid('json') }),
  );
  app.openapi(
    createRoute({ method: 'get', path: '/fault/{name}', hide: true, responses: { 200: { description: 'Never' } } }),
    (c) => {
      throw faults[c.req.param('name') ?? ''] ?? new HttpProblem(404, { detail: 'No such fault' });
    },
  );
  app.get('/plain/:name', (c) => {
    throw faults[c.req.param('name')] ?? new HttpProblem(404, { detail: 'No such fault' });
  });
}

async function start(options: Partial<AppOptions> = {}, faults: Record<string, Error> = {}) {
  const log: Record<string, unknown>[] = [];
  const app = createApp({
    name: 'order',
    title: 'Orders',
    description: 'About orders.',
    registry: createRegistry('order', { defaults: false }),
    logger: pino({ level: 'info' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    readiness: async () => undefined,
    health: async () => ({ durability: 'everysec' }),
    ...options,
  });
  addRoutes(app, faults);
  const listening = await listen(app.fetch, { host: '127.0.0.1', port: 0 });
  listeners.push(listening);
  return { app, log, url: listening.url };
}

const send = (url: string, body: string, { method = 'POST', ...headers }: Record<string, string> = {}) =>
  fetch(url, { method, body, headers: { 'Content-Type': 'application/json', ...headers } });

async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const body = (await answer.json()) as Problem;
  expect(body.status).toBe(answer.status);
  return body;
}

test('a valid request reaches its handler, digits in strings as numbers, unknown fields left out', async () => {
  const { url } = await start();
  const answer = await send(`${url}/orders`, '{"holderId":"jjy","amount":"500","more":{}}');
  expect([answer.status, answer.headers.get('location')]).toEqual([201, '/orders/1']);
  expect(await answer.json()).toEqual({ holderId: 'jjy', amount: 500 });
});

test('one answer names every invalid field, wherever it stands', async () => {
  const { url } = await start();
  const headers = { method: 'PUT', 'Idempotency-Key': 'a b' };
  const answer = await send(`${url}/rates/a%0Ab?limit=6`, '{"holderId":7,"amount":"1e3"}', headers);
  expect(answer.status).toBe(400);
  expect(await problemOf(answer)).toEqual({
    type: 'about:blank',
    title: 'Invalid request',
    status: 400,
    detail: 'Not valid: currencyId, limit, Idempotency-Key, holderId, amount',
    instance: '/rates/a%0Ab',
    errors: [
      { field: 'currencyId', message: 'must not contain control characters' },
      { field: 'limit', message: 'must be a whole number from 1 to 5' },
      { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
      { field: 'holderId', message: 'must be of type string, but is of type number' },
      { field: 'amount', message: 'must be a whole number from 1 to 9007199254740991' },
    ],
  });
});

test('no body, an empty one and {} are the same: every required field is named', async () => {
  const { url } = await start();
  const required = ['holderId', 'amount'].map((field) => ({ field, message: 'is required' }));
  expect((await problemOf(await send(`${url}/orders`, '{}'))).errors).toEqual(required);
  expect((await problemOf(await send(`${url}/orders`, ''))).errors).toEqual(required);
  expect((await problemOf(await fetch(`${url}/orders`, { method: 'POST' }))).errors).toEqual(required);
});

test.each(['[]', '"x"', '5', 'null', 'true'])('%s is no object, and says so', async (body) => {
  const { url } = await start();
  const { errors } = await problemOf(await send(`${url}/orders`, body));
  expect(errors).toEqual([
    { field: 'body', message: expect.stringMatching(/^must be of type object, but is of type /) },
  ]);
});

test.each(['{', '{"a":1}}', '{"a":NaN}', "{'a':1}", 'a=1'])('%s is malformed', async (body) => {
  const { url } = await start();
  const answer = await problemOf(await send(`${url}/orders`, body));
  expect([answer.status, answer.title]).toEqual([400, 'Malformed JSON']);
});

test('bytes that are not UTF-8 are malformed', async () => {
  const { url } = await start();
  const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
  const answer = await fetch(`${url}/orders`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  expect((await problemOf(answer)).title).toBe('Malformed JSON');
});

test('anything but JSON is a 415 that says what is wanted', async () => {
  const { url } = await start();
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/jsonx']) {
    const answer = await send(`${url}/orders`, '{"holderId":"a","amount":1}', { 'Content-Type': type });
    expect([answer.status, answer.headers.get('accept')]).toEqual([415, 'application/json']);
    expect((await problemOf(answer)).detail).toContain(type);
  }
  for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/vnd.order+json']) {
    expect((await send(`${url}/orders`, '{"holderId":"a","amount":1}', { 'Content-Type': type })).status).toBe(201);
  }
});

test('a body over 64 KiB is a 413, declared or chunked; one of 64 KiB is read', async () => {
  const { url } = await start();
  const body = (bytes: number) => '{"holderId":"a","amount":1,"x":"'.padEnd(bytes - 2, 'x').concat('"}');
  expect((await send(`${url}/orders`, body(65_536))).status).toBe(201);
  expect((await problemOf(await send(`${url}/orders`, body(65_537)))).detail).toContain('65536');
  const chunked = (bytes: number) =>
    fetch(`${url}/orders`, {
      method: 'POST',
      body: ReadableStream.from([Buffer.from(body(bytes))]),
      headers: { 'Content-Type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
  expect((await chunked(65_536)).status).toBe(201);
  expect((await chunked(65_537)).status).toBe(413);
});

test('an unknown path is a 404; an unknown method at a known one a 405 that names the known', async () => {
  const { url } = await start();
  expect((await problemOf(await fetch(`${url}/nothing`))).status).toBe(404);
  for (const [method, path, allow] of [
    ['GET', '/orders', 'POST'],
    ['DELETE', '/orders', 'POST'],
    ['OPTIONS', '/orders', 'POST'],
    ['POST', '/rates/1', 'PUT'],
    ['POST', '/healthz', 'GET, HEAD'],
  ] as const) {
    const answer = await fetch(`${url}${path}`, { method });
    expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, 405, allow]);
    await problemOf(answer);
  }
  expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200);
});

test('problems are answered as they say, from typed answers and from throws', async () => {
  const { url } = await start(
    {},
    { teapot: new HttpProblem(418, { detail: 'short', title: 'Teapot', headers: { 'X-Pot': '1' } }) },
  );
  const taken = await problemOf(await send(`${url}/orders`, '{"holderId":"taken","amount":1}'));
  expect(taken).toMatchObject({ status: 409, type: 'urn:taken', title: 'Conflict', detail: 'It is taken' });
  for (const path of ['/fault/teapot', '/plain/teapot']) {
    const teapot = await fetch(`${url}${path}?x=1`);
    expect(teapot.headers.get('x-pot')).toBe('1');
    expect(await problemOf(teapot)).toMatchObject({ status: 418, title: 'Teapot', detail: 'short', instance: path });
  }
});

test('a Redis that is away is a 503 to come back after, and no error in the log', async () => {
  const { url, log } = await start({}, { away: new Error('Connection is closed.') });
  for (const path of ['/fault/away', '/plain/away']) {
    const answer = await fetch(`${url}${path}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await problemOf(answer)).detail).toBe('Redis is away: Connection is closed.');
  }
  expect(log).toEqual([]);
});

test('anything else is a 500 that tells nothing, and one record with the stack', async () => {
  const { url, log } = await start(
    {},
    { bug: new TypeError('secret'), hono: new HTTPException(403, { message: 'no' }) },
  );
  const answer = await fetch(`${url}/fault/bug`);
  const body = await answer.text();
  expect(answer.status).toBe(500);
  expect(body).not.toMatch(/secret|TypeError|\.ts/);
  expect(log).toMatchObject([{ msg: 'request failed', method: 'GET', path: '/fault/bug', err: { message: 'secret' } }]);
  expect(JSON.stringify(log)).toContain('app.test.ts');
  expect((await problemOf(await fetch(`${url}/fault/hono`))).detail).toBe('no');
});

test('what is no HTTP, or none that can be read, is a problem too', async () => {
  const { url } = await start();
  const { port, hostname } = new URL(url);
  const raw = async (bytes: string) => {
    const socket = connect(Number(port), hostname);
    socket.end(bytes);
    return text(socket);
  };
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
    'FOO / HTTP/1.1\r\nHost: x\r\n\r\n',
  ]) {
    expect(await raw(bytes)).toMatch(
      /^HTTP\/1.1 400 Bad Request\r\n[\s\S]*application\/problem\+json[\s\S]*"status":400/,
    );
  }
  expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
});

test('healthz is alive even where nothing else is; readyz tells why it is not ready', async () => {
  const { url } = await start();
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    status: 'ok',
    service: 'order',
    durability: 'everysec',
  });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', service: 'order' });
  const broken = await start({
    health: async () => Promise.reject(new Error('Connection is closed.')),
    readiness: async () => 'Redis is away',
  });
  const alive = await fetch(`${broken.url}/healthz`);
  expect([alive.status, await alive.json()]).toEqual([
    200,
    { status: 'ok', service: 'order', unknown: 'Connection is closed.' },
  ]);
  const unready = await fetch(`${broken.url}/readyz`);
  expect(await problemOf(unready)).toMatchObject({ status: 503, title: 'Not ready', detail: 'Redis is away' });
});

test('a probe that never ends is answered all the same', async () => {
  const { url } = await start({ readiness: () => new Promise(() => {}) });
  expect((await problemOf(await fetch(`${url}/readyz`))).detail).toBe('no answer within 2000 ms');
});

test('metrics count requests by route, not by path', async () => {
  const { url } = await start();
  await send(`${url}/rates/a`, '{"holderId":"a","amount":1}', { method: 'PUT' });
  await send(`${url}/rates/b`, '{}', { method: 'PUT' });
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  const series = (status: number) =>
    `http_request_duration_seconds_count{service="order",method="put",route="/rates/{currencyId}",status="${status}"} 1`;
  const metrics = await answer.text();
  expect(metrics).toContain(series(200));
  expect(metrics).toContain(series(400));
});

test('the OpenAPI document shows the routes that are not hidden', async () => {
  const { url } = await start();
  const document = await (await fetch(`${url}/openapi.json`)).json();
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Orders', description: 'About orders.' } });
  expect(Object.keys((document as { paths: object }).paths)).toEqual(['/orders', '/rates/{currencyId}']);
  const joined = await start({ document: async (own) => ({ joined: own }) });
  expect(await (await fetch(`${joined.url}/openapi.json`)).json()).toEqual({ joined: document });
});

test('the page at /docs loads nothing from elsewhere', async () => {
  const { url } = await start();
  const answer = await fetch(`${url}/docs`);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
  const page = await answer.text();
  expect(page).toContain('"url": "/openapi.json"');
  expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, target]) => target)).toEqual(['/docs/scalar.js']);
  expect(page).not.toMatch(/https?:\/\//);
  const script = await fetch(`${url}/docs/scalar.js`);
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect(await script.text()).toContain('createApiReference');
});

test('a declaration that would not be honoured is refused at once', () => {
  const app = createApp({
    name: 'x',
    title: 'x',
    description: 'x',
    registry: createRegistry('x', { defaults: false }),
    logger: pino({ level: 'silent' }),
    readiness: async () => undefined,
    health: async () => ({}),
  });
  const responses = { 200: { description: 'ok' } };
  const route = (declared: object) => createRoute({ method: 'post', path: '/x', responses, ...declared });
  const add = (declared: object, hook?: () => undefined) => () =>
    app.openapi(route(declared), (c) => c.text('x'), hook);
  expect(add({ request: { cookies: z.object({}) } })).toThrow('cookies');
  expect(add({ request: { headers: [z.object({})] } })).toThrow('headers');
  expect(add({ request: { body: { content: { 'multipart/form-data': { schema: order } } } } })).toThrow(
    'application/json',
  );
  expect(add({}, () => undefined)).toThrow('hooks');
});

test('a client that goes away in the middle of its body is no fault', async () => {
  const { url, log, app } = await start();
  const seen = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<number>();
  app.use('/wait', async (c, next) => {
    await next();
    answered.resolve(c.res.status);
  });
  app.post('/wait', async (c) => {
    seen.resolve();
    return c.text(await c.req.text());
  });
  const client = request(`${url}/wait`, { method: 'POST', headers: { 'Content-Length': 100 } });
  client.on('error', () => {});
  client.write('half');
  await seen.promise;
  client.destroy();
  expect(await answered.promise).toBe(400);
  expect(log).toEqual([]);
});
