import { createServer } from 'node:net';
import { Redis, ReplyError } from 'ioredis';
import { expect, test } from 'vitest';
import { redisAway } from './redisAway.ts';

const coded = (code: string, message = 'connect') => Object.assign(new Error(message), { code });

test.each([
  new Error('Connection is closed.'),
  new Error('Command timed out'),
  new Error('Command aborted due to connection close'),
  coded('ECONNREFUSED'),
  coded('ECONNRESET'),
  coded('EPIPE'),
  coded('ENOTFOUND'),
  new ReplyError('LOADING Redis is loading the dataset in memory'),
  new ReplyError("OOM command not allowed when used memory > 'maxmemory'. script: f3a, on @user_script:1."),
  new ReplyError('MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.'),
  new ReplyError("READONLY You can't write against a read only replica."),
  new ReplyError('MASTERDOWN Link with MASTER is down'),
  new ReplyError('CLUSTERDOWN The cluster is down'),
  new ReplyError('BUSY Redis is busy running a script.'),
  new Error('the lookup failed', { cause: new Error('Connection is closed.') }),
])('away: %s', (error) => {
  const { cause } = error;
  expect(redisAway(error)).toBe((cause instanceof Error ? cause : error).message);
});

test.each([
  ["Stream isn't writeable and enableOfflineQueue options is false", 'there is no connection'],
  [
    'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" ...',
    'the connection was lost',
  ],
])('%s is told plainly: %s', (message, words) => {
  expect(redisAway(new Error(message))).toBe(words);
});

test.each([
  new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value'),
  new ReplyError('BUSYGROUP Consumer Group name already exists'),
  new ReplyError('NOPERM this user has no permissions'),
  new ReplyError('ERR Error running script'),
  new TypeError('x is not a function'),
  coded('ENOENT'),
  'Connection is closed.',
  undefined,
])('a fault of ours: %s', (error) => {
  expect(redisAway(error)).toBeUndefined();
});

test('a connection that ioredis cannot make, and one that it lost, are away in its own words', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const redis = new Redis(port, {
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    const lost = await redis.get('x').catch((error: unknown) => error);
    expect(redisAway(lost)).toBeDefined();
    const closed = await redis.get('x').catch((error: unknown) => error);
    expect(redisAway(closed)).toBeDefined();
  } finally {
    redis.disconnect();
    await new Promise((resolve) => server.close(resolve));
  }
  const refused = await new Redis(port, { lazyConnect: true, retryStrategy: () => null })
    .on('error', () => {})
    .connect()
    .catch((error: unknown) => error);
  expect(redisAway(refused)).toBeDefined();
});
