/** An app as services make it, asked over a real port: what its clients see, and nothing of its inside. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createRoute } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { expect, test } from 'vitest';
import { problemOf, send, startApp } from '../../../../tests/kit/startApp.ts';
import { HttpProblem } from './problem.ts';

test('an unknown path is a 404; an unknown method at a known one a 405 that names the known', async () => {
  const { url } = await startApp();
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
  const { url } = await startApp(
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
  const { url, log } = await startApp({}, { away: new Error('Connection is closed.') });
  for (const path of ['/fault/away', '/plain/away']) {
    const answer = await fetch(`${url}${path}`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await problemOf(answer)).detail).toBe('Redis is away: Connection is closed.');
  }
  expect(log).toEqual([]);
});

test('anything else is a 500 that tells nothing, and one record with the stack', async () => {
  const { url, log } = await startApp(
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
  const { url } = await startApp();
  const { port, hostname } = new URL(url);
  const raw = async (bytes: string) => {
    const socket = connect(Number(port), hostname);
    socket.end(bytes);
    return text(socket);
  };
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'FOO\r\n\r\n',
  ]) {
    expect(await raw(bytes)).toMatch(
      /^HTTP\/1.1 400 Bad Request\r\n[\s\S]*application\/problem\+json[\s\S]*"status":400/,
    );
  }
  expect(await raw('FOO /orders?x=1 HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(
    /^HTTP\/1.1 405 Method Not Allowed\r\n[\s\S]*problem\+json\r\nAllow: GET, HEAD, POST, PUT\r\n[\s\S]*"instance":"\/orders"/,
  );
  expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
});

test('healthz is alive even where nothing else is; readyz tells why it is not ready', async () => {
  const { url } = await startApp();
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({
    status: 'ok',
    service: 'order',
    durability: 'everysec',
  });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', service: 'order' });
  const broken = await startApp({
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
  const { url } = await startApp({ readiness: () => new Promise(() => {}) });
  expect((await problemOf(await fetch(`${url}/readyz`))).detail).toBe('no answer within 2000 ms');
});

test('metrics count requests by route, not by path', async () => {
  const { url } = await startApp();
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
  const { url } = await startApp();
  const document = await (await fetch(`${url}/openapi.json`)).json();
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Orders', description: 'About orders.' } });
  const { paths } = document as { paths: Record<string, Record<string, { responses: object }>> };
  const probes = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs'];
  expect(Object.keys(paths)).toEqual(['/orders', '/rates/{currencyId}', ...probes]);
  // What the app answers whatever the handler does is declared for it.
  const statuses = Object.keys(paths['/rates/{currencyId}']?.put?.responses ?? {});
  expect(statuses).toEqual(['200', '400', '413', '415', '500', '503']);
  const joined = await startApp({ document: async (own) => ({ joined: own }) });
  expect(await (await fetch(`${joined.url}/openapi.json`)).json()).toEqual({ joined: document });
});

test('the page at /docs loads nothing from elsewhere', async () => {
  const { url } = await startApp();
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

test('a client that goes away in the middle of its body is no fault', async () => {
  const { url, log, app } = await startApp();
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

test('a hook of a route would not be called: it is refused at once', async () => {
  const { app } = await startApp();
  const route = createRoute({ method: 'post', path: '/x', responses: { 200: { description: 'ok' } } });
  expect(() =>
    app.openapi(
      route,
      (c) => c.text('x'),
      () => undefined,
    ),
  ).toThrow('hooks');
});
