import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { Connections } from './connections.ts';
import { retryOnce } from './retryOnce.ts';

// Goal: a write whose reply was lost is tried once more, and no more than that. Method: a second client cuts the
// connection while the first attempt waits for its answer; a server that is killed and started again.
const server = await startTestRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
const connections = new Connections(server.url, 'test', pino({ level: 'silent' }));
const operator = new Redis(server.url, { protocol: 2 });
operator.on('error', () => {});
await connections.connect();
const redis = connections.commands;

afterAll(async () => {
  operator.disconnect();
  await connections.closeAll();
  await server.stop();
});

let attempts = 0;
beforeEach(() => {
  attempts = 0;
});

/** Writes, and then hangs until it is cut off: nobody learns that the write took effect. */
async function loseReply(): Promise<never> {
  const id = await redis.client('ID');
  await redis.set('written', attempts);
  const isHanging = async () => /cmd=blpop/.test(String(await operator.client('LIST', 'ID', id)));
  const cut = until('the command to hang', isHanging).then(() => operator.client('KILL', 'ID', id));
  const [answer] = await Promise.all([redis.blpop('nothing', 0), cut]);
  throw new Error(`not cut off, but answered ${answer}`);
}

test('a lost reply: tried again once the connection is back', async () => {
  const answer = await retryOnce(redis, () => {
    attempts += 1;
    return attempts === 1 ? loseReply() : redis.get('written');
  });
  expect({ answer, attempts }).toEqual({ answer: '1', attempts: 2 });
});

test('lost twice: the second error is the answer', async () => {
  const lost = retryOnce(redis, () => {
    attempts += 1;
    return loseReply();
  });
  await expect(lost).rejects.toThrow('Reached the max retries');
  expect(attempts).toBe(2);
  await until('the connection to be back', () => redis.status === 'ready');
});

test('an error that Redis answers is no lost connection', async () => {
  await redis.set('text', 'a');
  const refused = retryOnce(redis, () => {
    attempts += 1;
    return redis.incr('text');
  });
  await expect(refused).rejects.toThrow('not an integer');
  expect(attempts).toBe(1);
});

test('a Redis that stays away: the first error, within seconds; back again: the same call works', async () => {
  await server.kill();
  await until('the loss to be noticed', () => redis.status !== 'ready');
  const count = () => {
    attempts += 1;
    return redis.incr('count');
  };
  await expect(retryOnce(redis, count)).rejects.toThrow("Stream isn't writeable");
  expect(attempts).toBe(1);
  await server.restart();
  await until('the connection to be back', () => redis.status === 'ready');
  expect(await retryOnce(redis, count)).toBe(1);
});

test('many that wait for one connection are no leak that Node warns of', async () => {
  const warnings: string[] = [];
  const listen = ({ message }: Error) => warnings.push(message);
  process.on('warning', listen);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => {
      let isFirst = true;
      return retryOnce(redis, async () => {
        if (!isFirst) return redis.ping();
        isFirst = false;
        attempts += 1;
        if (attempts === 1) redis.disconnect(true);
        throw new Error('Connection is closed.');
      });
    }),
  );
  process.off('warning', listen);
  expect(answers).toEqual(Array(20).fill('PONG'));
  expect(warnings).toEqual([]);
});
