/**
 * The gateway as its clients see it: on a port of its own, before services that are plain Node servers:
 * what goes in comes out.
 */
import { type RequestListener, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { serve, startGateway } from '../../../tests/kit/startGateway.ts';

const echo: RequestListener = async (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  outgoing.setHeader('X-From', 'upstream').setHeader('Content-Type', 'application/json');
  outgoing.end(JSON.stringify({ method, url, headers, body: await text(incoming) }));
};

test('every prefix goes to its service, and only whole words are prefixes', async () => {
  const named = async (name: string) => (await serve((_, outgoing) => outgoing.end(name))).url;
  const url = await startGateway({
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

test.each([
  ['whole', (bytes: Buffer) => [bytes]],
  ['in parts that cut letters in two', (bytes: Buffer) => [bytes.subarray(0, 129), bytes.subarray(129)]],
])('every byte of an answer arrives as it was sent: %s', async (_, partsOf) => {
  const bytes = Buffer.concat([Buffer.from('äé漢🎉'), Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))]);
  const upstream = await serve(async (_, outgoing) => {
    outgoing.setHeader('Content-Length', bytes.length);
    for (const part of partsOf(bytes)) await new Promise<void>((resolve) => outgoing.write(part, () => resolve()));
    outgoing.end();
  });
  const url = await startGateway({ ORDER_URL: upstream.url });
  const answer = await fetch(`${url}/orders`);
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

test('method, target, body and headers arrive as sent, without those of the connection', async () => {
  const url = await startGateway({ ORDER_URL: (await serve(echo)).url });
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
  sent.on('response', (incoming) => text(incoming).then(seen.resolve, seen.reject));
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
  const url = await startGateway({ ORDER_URL: upstream.url });
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
  const url = await startGateway({ ORDER_URL: upstream.url });
  const post = (body: string | ReadableStream) =>
    fetch(`${url}/orders`, { method: 'POST', body, duplex: 'half' } as RequestInit);
  expect((await post('x'.repeat(65_537))).status).toBe(413);
  const chunked = () => ReadableStream.from([Buffer.alloc(40_000), Buffer.alloc(40_000)]);
  expect((await post(chunked())).status).toBe(413);
  expect(asked).toBe(0);
  expect((await post('x'.repeat(65_536))).status).toBe(200);
  expect(asked).toBe(1);
});
