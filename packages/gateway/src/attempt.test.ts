/**
 * What becomes of a request when something goes wrong: before the gateway stand plain Node servers that stall, die before
 * or after they were asked, and come back, and clients that leave or do not read.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { readConfig } from 'common/config/readConfig';
import type { Problem } from 'common/http/problem';
import { listen } from 'common/process/listen';
import { createLogger } from 'common/telemetry/logger';
import { createRegistry } from 'common/telemetry/metrics';
import { expect, onTestFinished, test } from 'vitest';
import { serve, silentPort, startGateway } from '../../../tests/kit/startGateway.ts';
import { createGatewayService } from './service.ts';

test('a service that is down: 503 that names it, whatever the readiness; its return needs nothing', async () => {
  const port = await silentPort();
  const url = await startGateway({ POINT_URL: `http://127.0.0.1:${port}` });
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

test('a service that hangs: 504 after ten seconds, but not for a request that asks to wait', {
  timeout: 60_000,
}, async () => {
  const held: (() => void)[] = [];
  const hanging = await serve((_, outgoing) => void held.push(() => outgoing.end('at last')));
  const url = await startGateway({ ORDER_URL: hanging.url });
  const waiting = fetch(`${url}/orders/1`, { headers: { Prefer: 'wait=30' } });
  const late = await fetch(`${url}/orders`, { method: 'POST', body: '{}' });
  expect(late.status).toBe(504);
  expect(((await late.json()) as Problem).detail).toContain('may have taken effect');
  for (const answer of held) answer();
  expect(await (await waiting).text()).toBe('at last');
});

/** Answers the first request; on every later one the socket dies, for the first `deaths` of them. */
async function dyingUpstream(deaths: number) {
  const asked: string[] = [];
  let left = deaths;
  const upstream = await serve(async (incoming, outgoing) => {
    asked.push(`${incoming.method} ${await text(incoming)}`);
    if (left === 0) return void outgoing.end('answered');
    left -= 1;
    incoming.socket.destroy();
  });
  return { ...upstream, asked };
}

test('a POST whose socket died under it is not repeated', async () => {
  const upstream = await dyingUpstream(1);
  const url = await startGateway({ ORDER_URL: upstream.url });
  const lost = await fetch(`${url}/orders`, { method: 'POST', body: 'once' });
  expect(lost.status).toBe(503);
  expect(((await lost.json()) as Problem).detail).toContain('may have taken effect');
  expect(upstream.asked).toEqual(['POST once']);
});

test('what cannot act twice is repeated once: a GET, and a POST with an Idempotency-Key', async () => {
  const upstream = await dyingUpstream(1);
  const url = await startGateway({ ORDER_URL: upstream.url, POINT_URL: (await dyingUpstream(1)).url });
  const keyed = await fetch(`${url}/orders`, { method: 'POST', body: 'twice', headers: { 'Idempotency-Key': 'k' } });
  expect([keyed.status, await keyed.text()]).toEqual([200, 'answered']);
  expect(upstream.asked).toEqual(['POST twice', 'POST twice']);
  expect(await (await fetch(`${url}/points`)).text()).toBe('answered');
});

test('but only once', async () => {
  const upstream = await dyingUpstream(9);
  const url = await startGateway({ ORDER_URL: upstream.url });
  expect((await fetch(`${url}/orders`)).status).toBe(503);
  expect(upstream.asked).toEqual(['GET ', 'GET ']);
});

test('an answer that breaks off breaks off', async () => {
  const upstream = await serve((_, outgoing) => {
    outgoing.writeHead(200, { 'Content-Length': '100' });
    outgoing.write('half', () => outgoing.destroy());
  });
  const url = await startGateway({ ORDER_URL: upstream.url });
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
  const url = await startGateway({ ORDER_URL: upstream.url });
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
  const url = await startGateway({ ORDER_URL: upstream.url });
  // The head alone arrives first, then each event when it is sent: were anything held back, this would wait for ever.
  const answer = await fetch(`${url}/orders/1/events`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  turn[0]?.resolve();
  expect(await reader?.read()).toEqual({ done: false, value: 'data: 1\n\n' });
  turn[1]?.resolve();
  expect(await reader?.read()).toEqual({ done: false, value: 'data: 2\n\n' });
  expect((await reader?.read())?.done).toBe(true);
});

test('a gateway that ends: streams end cleanly, a wait is told to come back, what is under way is answered', async () => {
  const asked = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  let answer = () => {};
  const upstream = await serve((incoming, outgoing) => {
    const index = ['/orders/1/events', '/orders/1', '/orders'].indexOf(incoming.url ?? '');
    if (index === 0) outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
    if (index === 2) answer = () => outgoing.end('taken in');
    asked[index]?.resolve();
  });
  const env = { PORT: '0', ORDER_URL: upstream.url };
  const config = readConfig('gateway', env);
  const registry = createRegistry('gateway', { defaults: false });
  const service = createGatewayService({ config, registry, logger: createLogger('gateway', 'silent') });
  onTestFinished(() => service.stop());
  const { url, close } = await listen(service.fetch, config);
  const stream = fetch(`${url}/orders/1/events`).then((streaming) => streaming.text());
  const wait = fetch(`${url}/orders/1`, { headers: { Prefer: 'wait=30' } });
  const post = fetch(`${url}/orders`, { method: 'POST', body: '{}' });
  await Promise.all(asked.map(({ promise }) => promise));
  const closed = close(600_000);
  expect(await stream).toBe('data: 1\n\n');
  const told = await wait;
  expect([told.status, told.headers.get('retry-after')]).toEqual([503, '1']);
  answer();
  expect(await (await post).text()).toBe('taken in');
  await closed;
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
  const url = await startGateway({ ORDER_URL: upstream.url });
  const { port, hostname } = new URL(url);
  const client: Socket = connect(Number(port), hostname);
  onTestFinished(() => void client.destroy());
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
  const url = await startGateway({ ORDER_URL: upstream.url });
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
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const url = await startGateway({ ORDER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  expect((await fetch(`${url}/orders`, { method: 'POST', body: '{}' })).status).toBe(503);
});
