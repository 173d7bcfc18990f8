/** Streams over a real port: that they start at once, end cleanly whoever ends them, and never pile up. */

import { connect } from 'node:net';
import { type Listening, listen } from 'common/process/listen';
import { Hono } from 'hono';
import { afterEach, expect, test } from 'vitest';
import type { AppEnv } from './appEnv.ts';
import { formatMessage, type SseMessage, sse, wantsEventStream } from './sse.ts';

const listeners: Listening[] = [];

afterEach(async () => {
  for (const listening of listeners.splice(0)) await listening.close(0);
});

type Source = (signal: AbortSignal) => AsyncIterable<SseMessage> | Promise<AsyncIterable<SseMessage>>;

async function start(source: Source, options: { heartbeatEveryMs?: number } = {}) {
  const app = new Hono<AppEnv>().get('/', (c) => sse(c, source, options));
  app.onError((error, c) => c.text(error.message, 503));
  const listening = await listen(app.fetch, { host: '127.0.0.1', port: 0 });
  listeners.push(listening);
  return listening;
}

/** A source that is fed by hand, and knows when it was let go. */
function handFed() {
  const queue: SseMessage[] = [];
  const released = Promise.withResolvers<void>();
  let wake = () => {};
  async function* messages(signal: AbortSignal): AsyncGenerator<SseMessage> {
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        const next = queue.shift();
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      released.resolve();
    }
  }
  const push = (message: SseMessage) => {
    queue.push(message);
    wake();
  };
  return { messages, push, released: released.promise };
}

const textOf = (answer: Response) => {
  if (!answer.body) throw new Error('no body');
  return answer.body.pipeThrough(new TextDecoderStream()).getReader();
};

const opening = 'retry: 1000\n: open\n\n';

test('a message is lines of its format, whatever its data', () => {
  expect(formatMessage({ data: 'x' })).toBe('data: x\n\n');
  expect(formatMessage({ id: '0=1-0', event: 'OrderCreated', data: '{"a":1}' })).toBe(
    'id: 0=1-0\nevent: OrderCreated\ndata: {"a":1}\n\n',
  );
  expect(formatMessage({ data: 'a\nb\r\nc\rd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n');
});

test('a stream is asked for by Accept', async () => {
  const app = new Hono().get('/', (c) => c.json(wantsEventStream(c)));
  const ask = async (headers: Record<string, string>) => (await app.request('/', { headers })).json();
  expect(await ask({ Accept: 'text/event-stream' })).toBe(true);
  expect(await ask({ Accept: 'application/json' })).toBe(false);
  expect(await ask({})).toBe(false);
});

test('the head comes before anything happens, then each message as it happens; the end of the source ends it', async () => {
  const first = Promise.withResolvers<void>();
  const { url } = await start(async function* () {
    await first.promise;
    yield { id: '0=1-0', data: '1' };
    yield { data: '2' };
  });
  const answer = await fetch(url);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  expect(answer.headers.get('cache-control')).toBe('no-cache, no-transform');
  const reader = textOf(answer);
  expect(await reader.read()).toEqual({ done: false, value: opening });
  first.resolve();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  expect(text).toBe('id: 0=1-0\ndata: 1\n\ndata: 2\n\n');
});

test('HEAD tells of the stream and opens no source, which nobody would read or end', async () => {
  let opened = 0;
  const { url } = await start(async function* () {
    opened += 1;
    yield { data: '1' };
  });
  const answer = await fetch(url, { method: 'HEAD' });
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'text/event-stream',
    '',
  ]);
  expect(opened).toBe(0);
});

test('a source that cannot be opened is an ordinary error', async () => {
  const { url } = await start(async () => Promise.reject(new Error('Connection is closed.')));
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([503, 'Connection is closed.']);
});

test('a source that breaks ends the stream cleanly, for the client to come back', async () => {
  const { url } = await start(async function* () {
    yield { data: '1' };
    throw new Error('Connection is closed.');
  });
  expect(await (await fetch(url)).text()).toBe(`${opening}data: 1\n\n`);
});

test('a client that goes away releases the source', async () => {
  const { messages, push, released } = handFed();
  const { url } = await start(messages);
  const client = new AbortController();
  const reader = textOf(await fetch(url, { signal: client.signal }));
  push({ data: '1' });
  expect((await reader.read()).value).toContain(opening);
  client.abort();
  await released;
});

test('the end of the service ends the stream cleanly and releases the source', async () => {
  const { messages, push, released } = handFed();
  const listening = await start(messages);
  const answer = await fetch(listening.url);
  push({ data: '1' });
  const text = answer.text();
  await listening.close(60_000);
  await released;
  expect(await text).toMatch(new RegExp(`^${opening}(data: 1\n\n)?$`));
});

test('a stream that is asked for while the service ends, ends', async () => {
  const stopping = AbortSignal.abort();
  const app = new Hono<AppEnv>().get('/', (c) => sse(c, handFed().messages));
  expect(await (await app.request('/', {}, { stopping })).text()).toBe(opening);
});

test('silence is filled with heartbeats', async () => {
  const { messages } = handFed();
  const { url } = await start(messages, { heartbeatEveryMs: 5 });
  const reader = textOf(await fetch(url));
  let text = '';
  while (!text.includes(': heartbeat\n\n: heartbeat\n\n')) text += (await reader.read()).value;
  expect(text.startsWith(opening)).toBe(true);
  await reader.cancel();
});

test('a client that does not read is asked for nothing more, then dropped', async () => {
  let taken = 0;
  const released = Promise.withResolvers<void>();
  const { url } = await start(
    async function* () {
      try {
        for (;;) {
          taken += 1;
          yield { data: 'x'.repeat(64 * 1024) };
        }
      } finally {
        released.resolve();
      }
    },
    { heartbeatEveryMs: 300 },
  );
  const { port, hostname } = new URL(url);
  const client = connect(Number(port), hostname);
  client.pause();
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await released.promise;
  // What the kernel's buffers of both ends take, and little more: without a bound this never ends.
  expect(taken * 64).toBeLessThan(50 * 1024);
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.resume();
  await closed;
});
