import { indexKey, logKey } from 'common/events/keys';
import { HttpProblem } from 'common/http/problem';
import { LogTail } from 'common/log/logTail';
import { partitionsOf } from 'common/partition/partition';
import { Connections } from 'common/redis/connections';
import { ScriptRunner } from 'common/script/scriptRunner';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { silentPort } from '../../../tests/kit/startGateway.ts';
import { until } from '../../../tests/kit/until.ts';
import { liveHistory } from './history.ts';

// Goal: an order's live history misses nothing, holds no more than it may for a client that does not read, and ends when
// its service does. Method: the stream by itself on a real Redis, its messages asked for one by one.
const [partition = { index: 0, tag: '' }] = partitionsOf(1);
const ORDER = 7;
const server = await startTestRedis();
const redis = new Redis(server.url, { protocol: 2 });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

/** Events of the order, in the log and its index, all in one step; their ids. */
async function write(count: number): Promise<string[]> {
  const last = await redis.xrevrange(logKey(partition.tag), '+', '-', 'COUNT', 1);
  const first = Number(last[0]?.[0].split('-')[0] ?? 0) + 1;
  const ids = Array.from({ length: count }, (_, i) => `${first + i}-0`);
  const together = redis.multi();
  for (const id of ids) together.xadd(logKey(partition.tag), id, 'eventType', 'OrderPlaced', 'orderId', ORDER);
  together.rpush(indexKey(partition.tag, ORDER), ...ids);
  await together.exec();
  return ids;
}

/** One opened stream, its tail on a Redis of its own choice. */
async function open(after?: string, tailUrl = server.url) {
  const quiet = pino({ level: 'silent' });
  const connections = new Connections(server.url, 'test', quiet);
  const elsewhere = new Connections(tailUrl, 'test', quiet);
  await connections.connect();
  const tail = new LogTail(elsewhere, partition);
  const subscribe = vi.spyOn(tail, 'subscribe');
  const client = new AbortController();
  onTestFinished(async () => {
    client.abort();
    tail.stop();
    await Promise.all([connections.closeAll(), elsewhere.closeAll()]);
  });
  const foundation = { connections, partitions: [partition], scripts: new ScriptRunner() };
  const tails = { of: () => tail, start: async () => {}, stop: async () => {} };
  const position = after === undefined ? undefined : new Map([[partition.index, after]]);
  const opened = liveHistory(foundation, tails, ORDER, position, client.signal);
  opened.catch(() => {});
  await until('it to listen', () => subscribe.mock.calls.length === 1);
  return { opened, client, tail };
}

test('what was, then what comes, each once', async () => {
  const before = await write(2);
  const { opened, client } = await open();
  const messages = (await opened)[Symbol.asyncIterator]();
  const since = await write(2);
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < 4; i += 1) seen.push((await messages.next()).value?.id);
  expect(seen).toEqual([...before, ...since].map((id) => `0=${id}`));
  const waiting = messages.next();
  client.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

test('a client that does not read is given what may wait for it, and the rest when it comes back', async () => {
  const { opened, tail } = await open();
  const stream = await opened;
  let heard = 0;
  tail.subscribe(() => {
    heard += 1;
  });
  const ids = await write(1_500);
  await until('all of them to have come', () => heard === ids.length);
  const got: string[] = [];
  for await (const { id } of stream) got.push(String(id));
  expect(got).toEqual(ids.slice(0, got.length).map((id) => `0=${id}`));
  expect(got).toHaveLength(1_000);
  const back = await open(ids[got.length - 1]);
  const rest = (await back.opened)[Symbol.asyncIterator]();
  expect((await rest.next()).value?.id).toBe(`0=${ids[got.length]}`);
});

test('a service that stops while a stream opens answers 503', async () => {
  const { opened, client, tail } = await open(undefined, `redis://127.0.0.1:${await silentPort()}`);
  client.abort();
  tail.stop();
  await expect(opened).rejects.toThrow(new HttpProblem(503, { detail: 'The service is stopping' }));
});

test('a tail that ends before it is heard is an error, not a stream that stays silent', async () => {
  const { opened, tail } = await open(undefined, `redis://127.0.0.1:${await silentPort()}`);
  tail.stop();
  await expect(opened).rejects.toThrow('the tail was closed');
});
