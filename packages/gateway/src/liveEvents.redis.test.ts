/** /events live, before a real Redis with two partitions whose logs the tests write by hand. */
import { logKey } from 'common/events/keys';
import { partitionOfOrder, partitionsOf } from 'common/partition/partition';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { handWrittenLog } from '../../../tests/kit/handWrittenLog.ts';
import { startTestRedis } from '../../../tests/kit/redis.ts';
import { startGateway } from '../../../tests/kit/startGateway.ts';
import { until } from '../../../tests/kit/until.ts';

const log = handWrittenLog(2);

const gateway = () => startGateway({ REDIS_URL: log.url, PARTITIONS: '2' });

/** Opens a live stream and gives its messages one by one. */
async function live(url: string, query = '', lastEventId?: string) {
  const client = new AbortController();
  onTestFinished(() => client.abort());
  const headers = {
    Accept: 'text/event-stream',
    ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
  };
  const answer = await until('the stream to open', async () => {
    const got = await fetch(`${url}/events${query}`, { headers, signal: client.signal });
    return got.status === 503 ? undefined : got;
  });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return async (): Promise<{ id: string; event: string; data: Record<string, unknown> }> => {
    for (;;) {
      const match = /id: (.*)\nevent: (.*)\ndata: (.*)\n\n/.exec(text);
      if (match) {
        text = text.slice(match.index + match[0].length);
        return { id: match[1] ?? '', event: match[2] ?? '', data: JSON.parse(match[3] ?? '') };
      }
      const part = await reader?.read();
      if (!part || part.done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
      text += part.value;
    }
  };
}

test('live: what comes from now on, with a position to come back with, and nothing is missed in between', async () => {
  const old = await log.write(1, 'OrderCreated');
  const url = await gateway();
  const next = await live(url);
  const placed = await log.write(1, 'OrderPlaced');
  const first = await next();
  expect(first).toMatchObject({ id: `0=${placed},1=0-0`, event: 'OrderPlaced', data: { id: placed } });
  expect(placed).not.toBe(old);
  const other = await log.write(2, 'OrderPlaced');
  expect((await next()).id).toBe(`0=${placed},1=${other}`);
  // Away while more happens, in both partitions.
  const missed = [await log.write(1, 'OrderRejected'), await log.write(2, 'OrderRejected')];
  const again = await live(url, '', first.id);
  const seen = [await again(), await again(), await again()];
  expect(seen.map(({ data }) => data.id).toSorted()).toEqual([other, ...missed].toSorted());
  const last = await log.write(1, 'PointUsed');
  expect(await again()).toMatchObject({ event: 'PointUsed', id: `0=${last},1=${missed[1]}` });
});

test('live: more than one read holds arrives whole and in order', async () => {
  const ids = Array.from({ length: 1201 }, (_, index) => `${index + 1}-0`);
  const pipeline = log.redis.pipeline();
  for (const id of ids) pipeline.xadd(logKey(partitionOfOrder(1, partitionsOf(2)).tag), id, 'eventType', 'OrderPlaced');
  await pipeline.exec();
  const url = await gateway();
  const next = await live(url, '', '0=0-0');
  const seen: unknown[] = [];
  while (seen.length < ids.length) seen.push((await next()).data.id);
  expect(seen).toEqual(ids);
});

test('live: by type and by order', async () => {
  const url = await gateway();
  const [byType, byOrder] = [await live(url, '?type=OrderPlaced'), await live(url, '?orderId=3')];
  for (const orderId of [1, 3, 2]) {
    await log.write(orderId, 'OrderCreated');
    await log.write(orderId, 'OrderPlaced');
  }
  const types = [await byType(), await byType(), await byType()];
  expect(types.map(({ data }) => Number(data.orderId)).toSorted()).toEqual([1, 2, 3]);
  expect([(await byOrder()).event, (await byOrder()).event]).toEqual(['OrderCreated', 'OrderPlaced']);
});

test('a foreign Last-Event-ID is refused by name', async () => {
  const url = await gateway();
  const headers = { Accept: 'text/event-stream', 'Last-Event-ID': 'yesterday' };
  expect((await fetch(`${url}/events`, { headers })).status).toBe(400);
});

test('without Redis /events is a 503, as a list and live, and nothing else is touched', async () => {
  const url = await startGateway();
  for (const Accept of ['application/json', 'text/event-stream']) {
    const answer = await fetch(`${url}/events`, { headers: { Accept } });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(/^Redis is away/);
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('a Redis that comes back is used again, and the streams go on', async () => {
  const own = await startTestRedis({ appendonly: true });
  onTestFinished(() => own.stop());
  const url = await startGateway({ REDIS_URL: own.url, PARTITIONS: '1' });
  const next = await live(url);
  await own.restart();
  const writer = new Redis(own.url);
  onTestFinished(() => writer.disconnect());
  const written = await writer.xadd(logKey('0'), '*', 'eventType', 'OrderPlaced');
  expect((await next()).data.id).toBe(written);
});
