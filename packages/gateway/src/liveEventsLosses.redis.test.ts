import { indexKey, logKey } from 'common/events/keys';
import { HttpProblem } from 'common/http/problem';
import { LogTail } from 'common/log/logTail';
import { type Partition, partitionOfOrder, partitionsOf } from 'common/partition/partition';
import { Connections, whenReady } from 'common/redis/connections';
import { ScriptRunner } from 'common/script/scriptRunner';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startInProcess } from '../../../tests/kit/inProcess.ts';
import { readEventStream } from '../../../tests/kit/readEventStream.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { silentPort } from '../../../tests/kit/startGateway.ts';
import { until } from '../../../tests/kit/until.ts';
import { type LiveOptions, liveEvents } from './liveEvents.ts';
import { createGatewayService } from './service.ts';

// Goal: what a live stream does when something is lost: its client, its Redis, its gateway, or the log under it. Method:
// the stream by itself, asked for one message after the other, on a real Redis that is killed; what the client sees and
// what Redis keeps open through the gateway in this process.
const partitions = partitionsOf(2);
const server = await startTestRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
const redis = new Redis(server.url, { protocol: 2 });
redis.on('error', () => {});
const quiet = pino({ level: 'silent' });
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

let written = 0;
/** One event of an order, in the log and its index in one step, as services write it; its id. */
async function write(orderId: number, eventType = 'OrderPlaced'): Promise<string> {
  const { tag } = partitionOfOrder(orderId, partitions);
  written += 1;
  const id = `${Date.now()}-${written}`;
  const entry = ['eventType', eventType, 'orderId', orderId];
  await redis
    .multi()
    .xadd(logKey(tag), id, ...entry)
    .rpush(indexKey(tag, orderId), id)
    .exec();
  return id;
}

async function connected(url = server.url): Promise<Connections> {
  const connections = new Connections(url, 'test', quiet);
  onTestFinished(() => connections.closeAll());
  return connections;
}

/** What a stream needs, its tails on `tailUrl`. */
async function streamOptions(options: Partial<LiveOptions> = {}, tailUrl = server.url) {
  const connections = await connected();
  await connections.connect();
  const elsewhere = await connected(tailUrl);
  const tails = new Map(
    partitions.map((partition): [Partition, LogTail] => [partition, new LogTail(elsewhere, partition)]),
  );
  const client = new AbortController();
  onTestFinished(() => {
    client.abort();
    for (const tail of tails.values()) tail.stop();
  });
  const foundation = { connections, partitions, scripts: new ScriptRunner() };
  const stream = { foundation, tails, filter: {}, after: undefined, signal: client.signal, ...options };
  return { stream, client, tails, commands: connections.commands };
}

describe('Redis', () => {
  test('that is away when a message is asked for: the stream waits, and goes on with what it did not send yet', async () => {
    const { stream, commands } = await streamOptions();
    const messages = (await liveEvents(stream))[Symbol.asyncIterator]();
    const first = await write(1);
    expect((await messages.next()).value).toMatchObject({ id: `0=${first},1=0-0` });
    const missed = await write(2);
    await server.kill();
    await until('the loss to be noticed', () => commands.status !== 'ready');
    const next = messages.next();
    await expect(commands.ping()).rejects.toThrow();
    await server.restart();
    expect((await next).value).toMatchObject({ id: `0=${first},1=${missed}`, event: 'OrderPlaced' });
    await whenReady(redis, AbortSignal.timeout(5_000));
  });

  test('that has something else in the place of the log ends the stream with that error', async () => {
    const { stream } = await streamOptions();
    const messages = (await liveEvents(stream))[Symbol.asyncIterator]();
    await redis.set(logKey(partitions[0]?.tag ?? ''), 'text');
    await expect(messages.next()).rejects.toThrow('WRONGTYPE');
  });
});

describe('a gateway', () => {
  /** A stream that waits for tails that Redis never answers. */
  async function opening() {
    const { stream, client, tails } = await streamOptions({}, `redis://127.0.0.1:${await silentPort()}`);
    const subscribed = [...tails.values()].map((tail) => vi.spyOn(tail, 'subscribe'));
    const opened = liveEvents(stream);
    opened.catch(() => {});
    await until('it to listen', () => subscribed.every(({ mock }) => mock.calls.length === 1));
    const stopTails = () => {
      for (const tail of tails.values()) tail.stop();
    };
    return { opened, client, stopTails };
  }
  const stopping = new HttpProblem(503, { detail: 'The gateway is stopping' });

  test('that stops while a stream waits for its tails answers 503', async () => {
    const { opened, client, stopTails } = await opening();
    client.abort();
    stopTails();
    await expect(opened).rejects.toThrow(stopping);
  });

  test('that has stopped when Redis answers listens to nothing any more', async () => {
    const { stream, tails } = await streamOptions({ signal: AbortSignal.abort() });
    const subscribed = [...tails.values()].map((tail) => vi.spyOn(tail, 'subscribe'));
    await expect(liveEvents(stream)).rejects.toThrow(stopping);
    for (const spy of subscribed) expect(spy).not.toHaveBeenCalled();
  });

  test('whose tail ends before it is heard says so: no stream that is deaf', async () => {
    const { opened, stopTails } = await opening();
    stopTails();
    await expect(opened).rejects.toThrow('the tail was closed');
  });

  test('that stops ends the streams that are open', async () => {
    const { stream, client } = await streamOptions();
    const messages = (await liveEvents(stream))[Symbol.asyncIterator]();
    const waiting = messages.next();
    client.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('through the gateway', () => {
  async function start() {
    const gateway = await startInProcess('gateway', createGatewayService, { REDIS_URL: server.url, PARTITIONS: '2' });
    onTestFinished(() => gateway.stop());
    await until('it to see Redis', async () => (await gateway.ask('GET', '/events')).status === 200);
    return {
      async open(query = '', lastEventId?: string) {
        const resume = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
        const response = await gateway.fetch(`/events${query}`, { Accept: 'text/event-stream', ...resume });
        return readEventStream(response)[Symbol.asyncIterator]();
      },
    };
  }
  const tailCount = async () => String(await redis.client('LIST')).match(/ name=gateway-tail-/g)?.length ?? 0;

  test('a client that goes frees its tails, while another one keeps those that it listens to', async () => {
    const { open } = await start();
    const [leaving, staying] = [await open(), await open('?orderId=2')];
    expect(await tailCount()).toBe(2);
    const id = await write(1);
    expect((await leaving.next()).value).toMatchObject({ data: { id } });
    await leaving.return(undefined);
    await until('one tail to be left', async () => (await tailCount()) === 1, { timeoutMs: 10_000 });
    await write(2);
    expect((await staying.next()).value).toMatchObject({ data: { orderId: '2' } });
  });

  test('a log that was trimmed while a client was away: it goes on with what is left, each once', async () => {
    const { open } = await start();
    const ids = [await write(1), await write(1), await write(1), await write(1)];
    const [seen, , third, last] = ids;
    await redis.xtrim(logKey(partitions[0]?.tag ?? ''), 'MINID', third ?? '');
    const again = await open('', `0=${seen}`);
    const got = [await again.next(), await again.next()].map(({ value }) => value?.id);
    expect(got).toEqual([`0=${third},1=0-0`, `0=${last},1=0-0`]);
  });

  test('a log that is trimmed to nothing under a reader: it hears what comes then', async () => {
    const { open } = await start();
    await write(1);
    const reader = await open('?type=OrderPlaced');
    await redis.xtrim(logKey(partitions[0]?.tag ?? ''), 'MAXLEN', 0);
    await write(1, 'OrderRejected');
    const id = await write(1);
    expect((await reader.next()).value).toMatchObject({ event: 'OrderPlaced', data: { id } });
  });

  test('a position that names one partition goes on there, and begins now in the other', async () => {
    const { open } = await start();
    const [seen, missed, old] = [await write(1), await write(1), await write(2)];
    const again = await open('', `0=${seen}`);
    expect((await again.next()).value?.id).toBe(`0=${missed},1=${old}`);
    const fresh = await write(2);
    expect((await again.next()).value?.id).toBe(`0=${missed},1=${fresh}`);
  });
});
