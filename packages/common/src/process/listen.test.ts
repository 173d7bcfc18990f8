import { once } from 'node:events';
import { connect } from 'node:net';
import { StartRefusal } from 'common/config/startRefusal';
import { afterEach, expect, test } from 'vitest';
import { type Listening, listen } from './listen.ts';

const listeners: Listening[] = [];

afterEach(async () => {
  for (const listening of listeners.splice(0)) await listening.close(0);
});

type Fetch = Parameters<typeof listen>[0];

async function start(fetch: Fetch, port = 0, host = '127.0.0.1'): Promise<Listening> {
  const listening = await listen(fetch, { host, port });
  listeners.push(listening);
  return listening;
}

test('a free port is taken and told', async () => {
  const { url, port } = await start(() => new Response('here'));
  expect(port).toBeGreaterThan(0);
  expect(await (await fetch(url)).text()).toBe('here');
});

test('an address of IPv6 becomes a URL that works', async () => {
  const { url } = await start(() => new Response('here'), 0, '::1');
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await (await fetch(url)).text()).toBe('here');
});

test('a busy port and a foreign address are refused in one line that names them', async () => {
  const { port } = await start(() => new Response('here'));
  const busy = await start(() => new Response('never'), port).catch((error: unknown) => error);
  expect(busy).toBeInstanceOf(StartRefusal);
  expect(String(busy)).toContain(`port ${port} on 127.0.0.1 is busy`);
  const foreign = await start(() => new Response('never'), 0, '192.0.2.1').catch((error: unknown) => error);
  expect(foreign).toBeInstanceOf(StartRefusal);
  expect(String(foreign)).toContain('192.0.2.1');
});

test('close: nothing new, answers under way are given, waiting ones are told, idle connections are let go', async () => {
  const asked = Promise.withResolvers<void>();
  const listening = await start(async (_, env) => {
    const { stopping } = env as { stopping: AbortSignal };
    asked.resolve();
    await once(stopping, 'abort');
    return new Response('told');
  });
  const idle = connect(listening.port, '127.0.0.1');
  await once(idle, 'connect');
  const waiting = fetch(listening.url);
  await asked.promise;
  const ended = once(idle.resume(), 'close');
  // Far more than a test may take: nothing has to be cut off.
  await listening.close(600_000);
  const answer = await waiting;
  // Its connection is not kept: the next request on it would be cut off.
  expect([await answer.text(), answer.headers.get('connection')]).toEqual(['told', 'close']);
  await ended;
  await expect(fetch(listening.url)).rejects.toThrow();
});

test('close cuts off what does not end in its time', async () => {
  const asked = Promise.withResolvers<void>();
  const listening = await start(() => {
    asked.resolve();
    return new Promise(() => {});
  });
  const hanging = fetch(listening.url).then(
    () => 'answered',
    () => 'cut off',
  );
  await asked.promise;
  await listening.close(10);
  expect(await hanging).toBe('cut off');
});
