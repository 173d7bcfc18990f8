/**
 * The gateway as its clients see it: on a port of its own, before services that are plain Node servers, so that a test
 * can have one answer, hang, stall, die before or after it was asked, and come back.
 */
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { readConfig } from 'common/config/readConfig';
import type { Problem } from 'common/http/problem';
import { type Listening, listen } from 'common/process/listen';
import type { Service } from 'common/process/service';
import { createLogger } from 'common/telemetry/logger';
import { createRegistry } from 'common/telemetry/metrics';
import { afterEach, expect, test } from 'vitest';
import { createGatewayService } from './service.ts';

const ends: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(listener: RequestListener, port = 0): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${address.port}`, port: address.port };
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const { server, port } = await serve(() => {});
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function gateway(env: NodeJS.ProcessEnv): Promise<{ url: string; service: Service; listening: Listening }> {
  const down = `http://127.0.0.1:${await freePort()}`;
  const config = readConfig('gateway', {
    PORT: '0',
    ORDER_URL: down,
    EXCHANGE_URL: down,
    POINT_URL: down,
    DEADLINE_URL: down,
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    ...env,
  });
  const registry = createRegistry('gateway', { defaults: false });
  const service = createGatewayService({ config, registry, logger: createLogger('gateway', 'silent') });
  await service.start();
  const listening = await listen(service.fetch, config);
  ends.push(async () => {
    await Promise.all([listening.close(100), service.stop()]);
  });
  return { url: listening.url, service, listening };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return text;
}

const echo: RequestListener = async (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  outgoing.setHeader('X-From', 'upstream').setHeader('Content-Type', 'application/json');
  outgoing.end(JSON.stringify({ method, url, headers, body: await bodyOf(incoming) }));
};

test('every prefix goes to its service, and only whole words are prefixes', async () => {
  const named = async (name: string) => (await serve((_, outgoing) => outgoing.end(name))).url;
  const { url } = await gateway({
    ORDER_URL: await named('order'),
    EXCHANGE_URL: await named('exchange'),
    POINT_URL: await named('point'),
    DEADLINE_URL: await named('deadline'),
  });
  const ask = async (path: string) => (await fetch(`${url}${path}`)).text();
  expect(await Promise.all(['/orders', '/orders/1', '/orders?limit=1', '/orders/1/events'].map(ask))).toEqual(
    Array(4).fill('order'),
  );
  expect(await Promise.all(['/exchanges', '/rates/1'].map(ask))).toEqual(['exchange', 'exchange']);
  expect(await Promise.all(['/points/jjy', '/transactions'].map(ask))).toEqual(['point', 'point']);
  expect(await ask('/deadlines')).toBe('deadline');
  for (const path of ['/orderss', '/order', '/', '/xorders']) {
    const answer = await fetch(`${url}${path}`);
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 404, 'application/problem+json']);
  }
});

test('method, target, body and headers arrive as sent, without those of the connection', async () => {
  const { url } = await gateway({ ORDER_URL: (await serve(echo)).url });
  const seen = Promise.withResolvers<string>();
  const sent = request(`${url}/orders/a%20b%2Fc?x=%C3%A4&x=2`, {
    method: 'PUT',
    headers: {
      'Content-Type': 'application/json',
      'Idempotency-Key': 'k1',
      Connection: 'keep-alive, X-Secret',
      'X-Secret': 'hop',
      TE: 'trailers',
      'X-Forwarded-For': '10.0.0.1',
      'X-Custom': 'stays',
    },
  });
  sent.on('response', (incoming) => bodyOf(incoming).then(seen.resolve, seen.reject));
  // In two chunks and without a length.
  sent.write('{"a":');
  sent.end('1}');
  const { method, url: target, body, headers } = JSON.parse(await seen.promise);
  expect({ method, target, body }).toEqual({
    method: 'PUT',
    target: '/orders/a%20b%2Fc?x=%C3%A4&x=2',
    body: '{"a":1}',
  });
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': 'k1',
    'x-custom': 'stays',
    'x-forwarded-for': '10.0.0.1, 127.0.0.1',
    'x-forwarded-host': new URL(url).host,
    'x-forwarded-proto': 'http',
    'content-length': '7',
  });
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-secret']));
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['te']));
});

test('status, headers and body of an answer come back as they are', async () => {
  const upstream = await serve((incoming, outgoing) => {
    if (incoming.url === '/orders/none') return void outgoing.writeHead(204).end();
    outgoing.writeHead(201, { Location: '/orders/1', 'Set-Cookie': ['a=1', 'b=2'], 'Retry-After': '7' });
    outgoing.end(incoming.method === 'HEAD' ? '' : 'made');
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  const made = await fetch(`${url}/orders`, { method: 'POST', body: '{}' });
  expect([made.status, made.headers.get('location'), made.headers.get('retry-after')]).toEqual([201, '/orders/1', '7']);
  expect(made.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(await made.text()).toBe('made');
  expect((await fetch(`${url}/orders/none`)).status).toBe(204);
  const head = await fetch(`${url}/orders`, { method: 'HEAD' });
  expect([head.status, head.headers.get('location'), await head.text()]).toEqual([201, '/orders/1', '']);
});

test('a body over 64 KiB is refused without asking the service, declared or chunked', async () => {
  let asked = 0;
  const upstream = await serve((incoming, outgoing) => {
    asked += 1;
    incoming.resume().on('end', () => outgoing.end());
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  const post = (body: string | ReadableStream) =>
    fetch(`${url}/orders`, { method: 'POST', body, duplex: 'half' } as RequestInit);
  expect((await post('x'.repeat(65_537))).status).toBe(413);
  const chunked = () => ReadableStream.from([Buffer.alloc(40_000), Buffer.alloc(40_000)]);
  expect((await post(chunked())).status).toBe(413);
  expect(asked).toBe(0);
  expect((await post('x'.repeat(65_536))).status).toBe(200);
  expect(asked).toBe(1);
});

test('a service that is down: 503 that names it, whatever the readiness; its return needs nothing', async () => {
  const port = await freePort();
  const { url } = await gateway({ POINT_URL: `http://127.0.0.1:${port}` });
  for (const method of ['GET', 'POST']) {
    const refused = await fetch(`${url}/points/jjy`, { method });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await refused.json()) as Problem;
    expect(problem).toMatchObject({ title: 'Service Unavailable', status: 503, instance: '/points/jjy' });
    expect(problem.detail).toContain(`point (http://127.0.0.1:${port}) is down`);
  }
  await serve((_, outgoing) => outgoing.end('back'), port);
  const answer = await fetch(`${url}/points/jjy`);
  expect([answer.status, await answer.text()]).toEqual([200, 'back']);
});

/** Answers the first request; on every later one the socket dies, for the first `deaths` of them. */
async function dyingUpstream(deaths: number) {
  const asked: string[] = [];
  let left = deaths;
  const upstream = await serve(async (incoming, outgoing) => {
    asked.push(`${incoming.method} ${await bodyOf(incoming)}`);
    if (left === 0) return void outgoing.end('answered');
    left -= 1;
    incoming.socket.destroy();
  });
  return { ...upstream, asked };
}

test('a POST whose socket died under it is not repeated', async () => {
  const upstream = await dyingUpstream(1);
  const { url } = await gateway({ ORDER_URL: upstream.url });
  const lost = await fetch(`${url}/orders`, { method: 'POST', body: 'once' });
  expect(lost.status).toBe(503);
  expect(((await lost.json()) as Problem).detail).toContain('may have taken effect');
  expect(upstream.asked).toEqual(['POST once']);
});

test('what cannot act twice is repeated once: a GET, and a POST with an Idempotency-Key', async () => {
  const upstream = await dyingUpstream(1);
  const { url } = await gateway({ ORDER_URL: upstream.url, POINT_URL: (await dyingUpstream(1)).url });
  const keyed = await fetch(`${url}/orders`, { method: 'POST', body: 'twice', headers: { 'Idempotency-Key': 'k' } });
  expect([keyed.status, await keyed.text()]).toEqual([200, 'answered']);
  expect(upstream.asked).toEqual(['POST twice', 'POST twice']);
  expect(await (await fetch(`${url}/points`)).text()).toBe('answered');
});

test('but only once', async () => {
  const upstream = await dyingUpstream(9);
  const { url } = await gateway({ ORDER_URL: upstream.url });
  expect((await fetch(`${url}/orders`)).status).toBe(503);
  expect(upstream.asked).toEqual(['GET ', 'GET ']);
});

test('an answer that breaks off breaks off', async () => {
  const upstream = await serve((_, outgoing) => {
    outgoing.writeHead(200, { 'Content-Length': '100' });
    outgoing.write('half', () => outgoing.destroy());
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  await expect(fetch(`${url}/orders`).then((answer) => answer.text())).rejects.toThrow();
});

test('a client that goes away takes its request with it, waiting or streaming', async () => {
  const gone = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const upstream = await serve((incoming, outgoing) => {
    const index = incoming.url === '/orders/stream' ? 1 : 0;
    if (index === 1) outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': open\n\n');
    asked[index]?.resolve();
    outgoing.on('close', () => gone[index]?.resolve());
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  const client = new AbortController();
  const waiting = fetch(`${url}/orders/wait`, { signal: client.signal }).catch(() => 'aborted');
  const streaming = await fetch(`${url}/orders/stream`, { signal: client.signal });
  expect(streaming.headers.get('content-type')).toBe('text/event-stream');
  await Promise.all(asked.map(({ promise }) => promise));
  client.abort();
  await Promise.all(gone.map(({ promise }) => promise));
  expect(await waiting).toBe('aborted');
});

test('a stream passes event by event, and ends when the service ends it', async () => {
  const turn = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const upstream = await serve(async (_, outgoing) => {
    outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    await turn[0]?.promise;
    outgoing.write('data: 1\n\n');
    await turn[1]?.promise;
    outgoing.end('data: 2\n\n');
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  // The head alone arrives first, then each event when it is sent: were anything held back, this would wait for ever.
  const answer = await fetch(`${url}/orders/1/events`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  turn[0]?.resolve();
  expect(await reader?.read()).toEqual({ done: false, value: 'data: 1\n\n' });
  turn[1]?.resolve();
  expect(await reader?.read()).toEqual({ done: false, value: 'data: 2\n\n' });
  expect((await reader?.read())?.done).toBe(true);
});

test('a client that does not read holds its service back', async () => {
  const chunk = Buffer.alloc(256 * 1024);
  const full = Promise.withResolvers<number>();
  const upstream = await serve((_, outgoing) => {
    outgoing.writeHead(200);
    let written = 0;
    const push = () => {
      while (outgoing.write(chunk)) written += chunk.byteLength;
      // Nothing taken for a while: the pipe is full. A gateway that gathers takes more at once, and the count goes on.
      const stuck = setTimeout(() => full.resolve(written), 1000);
      outgoing.once('drain', () => {
        clearTimeout(stuck);
        written += chunk.byteLength;
        if (written > 200 * 1024 * 1024) full.resolve(written);
        else push();
      });
    };
    push();
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  const { port, hostname } = new URL(url);
  const client: Socket = connect(Number(port), hostname);
  ends.push(() => client.destroy());
  client.pause();
  client.write('GET /orders HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await full.promise).toBeLessThan(100 * 1024 * 1024);
});

test('kept-alive connections are used again, and one that the service closed costs nobody an answer', async () => {
  let connections = 0;
  const sockets = new Set<Socket>();
  const upstream = await serve((_, outgoing) => outgoing.end('ok'));
  upstream.server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
  });
  const { url } = await gateway({ ORDER_URL: upstream.url });
  const post = async () => (await fetch(`${url}/orders`, { method: 'POST', body: '{}' })).text();
  expect([await post(), await post(), await post()]).toEqual(['ok', 'ok', 'ok']);
  expect(connections).toBe(1);
  for (const socket of sockets) socket.destroySoon();
  // Sent while the end of the connection is on its way: it must be seen before the request is written.
  expect(await post()).toBe('ok');
  expect(connections).toBe(2);
});

test('a service that accepts and says nothing that is HTTP: 503, not a hang', async () => {
  const server = createTcpServer((socket) => socket.resume().end('not http\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const { url } = await gateway({ ORDER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  expect((await fetch(`${url}/orders`, { method: 'POST', body: '{}' })).status).toBe(503);
});

test('proxied answers are counted by service and status', async () => {
  const { url } = await gateway({ ORDER_URL: (await serve(echo)).url });
  await (await fetch(`${url}/orders`)).text();
  await (await fetch(`${url}/points`)).text();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('gateway_upstream_answer_seconds_count{service="gateway",upstream="order",status="200"} 1');
  expect(metrics).toContain('gateway_upstream_answer_seconds_count{service="gateway",upstream="point",status="503"} 1');
});
