import { StartRefusal } from 'common/config/startRefusal';
import { pino } from 'pino';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../../tests/kit/freePort.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { Connections, whenReady } from './connections.ts';

// Goal: a Redis that is not there, comes late, goes and comes back is met by a clear word, and nothing hangs. Method: a
// real server that is killed and started again, and a port on which nobody listens.
const server = await startTestRedis({ appendonly: true });
afterAll(() => server.stop());

type Line = { msg: string; err?: { message: string } };

function connectionsTo(url: string) {
  const lines: Line[] = [];
  const logger = pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) });
  const connections = new Connections(url, 'test', logger);
  onTestFinished(() => connections.closeAll());
  return { connections, lines };
}

test('a Redis that is not there: refused after five seconds, by its address, without its password', async () => {
  const port = await freePort();
  const { connections, lines } = connectionsTo(`redis://saga:s3cret@127.0.0.1:${port}/2`);
  const startedAt = performance.now();
  const refusal = await connections.connect().catch((error: unknown) => error);
  const tookMs = performance.now() - startedAt;
  expect(refusal).toBeInstanceOf(StartRefusal);
  expect(String(refusal)).toContain(`no Redis at redis://127.0.0.1:${port}/2 (REDIS_URL): connect ECONNREFUSED`);
  expect(`${refusal} ${JSON.stringify(lines)}`).not.toContain('s3cret');
  expect(tookMs).toBeGreaterThan(4_500);
  expect(tookMs).toBeLessThan(8_000);
});

test.each([1, 2, 3, 4])('a Redis that comes up after %s refused attempts is waited for', async (count) => {
  await server.kill();
  const { connections, lines } = connectionsTo(server.url);
  const connecting = connections.connect();
  connecting.catch(() => {});
  const refused = () => lines.filter(({ err }) => err?.message.includes('ECONNREFUSED')).length;
  await until('that many attempts to be refused', () => refused() >= count);
  await server.restart();
  await connecting;
  expect(await connections.commands.ping()).toBe('PONG');
});

test('what is under way when the connection is lost is rejected, what comes then too; later it is used again', async () => {
  const { connections } = connectionsTo(server.url);
  await connections.connect();
  const reader = connections.dedicated('reader', 60_000);
  await whenReady(reader, AbortSignal.timeout(5_000));
  const blocked = reader.blpop('nothing', 0);
  blocked.catch(() => {});
  await until('the read to block', async () => /cmd=blpop/.test(String(await connections.commands.client('LIST'))));
  await server.kill();
  await expect(blocked).rejects.toThrow();
  await until('the loss to be noticed', () => connections.commands.status !== 'ready');
  await expect(connections.commands.ping()).rejects.toThrow("Stream isn't writeable");
  await server.restart();
  await whenReady(connections.commands, AbortSignal.timeout(5_000));
  await whenReady(reader, AbortSignal.timeout(5_000));
  expect(await Promise.all([connections.commands.ping(), reader.ping()])).toEqual(['PONG', 'PONG']);
});

test('a connection that is closed rejects its blocking read and does not come back; the others stay', async () => {
  const { connections } = connectionsTo(server.url);
  await connections.connect();
  const reader = connections.dedicated('reader', 60_000);
  await whenReady(reader, AbortSignal.timeout(5_000));
  const names = async () => String(await connections.commands.client('LIST')).match(/(?<= name=)test\S*/g);
  expect((await names())?.toSorted()).toEqual(['test', 'test-reader']);
  const blocked = reader.blpop('nothing', 0);
  blocked.catch(() => {});
  await until('the read to block', async () => /cmd=blpop/.test(String(await connections.commands.client('LIST'))));
  connections.close(reader);
  await expect(blocked).rejects.toThrow('Connection is closed');
  await until('Redis to have one connection less', async () => (await names())?.join() === 'test');
});

test('a dedicated connection without a Redis says so in the log, and rejects nobody that does not wait', async () => {
  const { connections, lines } = connectionsTo(`redis://127.0.0.1:${await freePort()}`);
  connections.dedicated('reader', 60_000);
  await until('the failed attempt to be told', () => lines.some(({ msg }) => msg === 'connecting failed'));
});

test('waiting for a connection ends by its signal, with its reason, and leaves no listener', async () => {
  await server.kill();
  const { connections } = connectionsTo(server.url);
  const redis = connections.dedicated('reader', 60_000);
  const before = redis.listenerCount('ready');
  const stopping = new AbortController();
  const waiting = whenReady(redis, stopping.signal);
  expect(redis.listenerCount('ready')).toBe(before + 1);
  stopping.abort(new Error('stopping'));
  await expect(waiting).rejects.toThrow('stopping');
  expect(redis.listenerCount('ready')).toBe(before);
  const patient = whenReady(redis, AbortSignal.timeout(10_000));
  await server.restart();
  await patient;
  expect([redis.status, redis.listenerCount('ready')]).toEqual(['ready', before]);
  // One that can be used now is not waited for, whatever the signal says.
  await whenReady(redis, AbortSignal.abort());
});
