import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect as dial } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { startTestRedis } from './kit/redis.ts';

// Goal: a Redis that is too old ends the start of a service with one line that says so, and exit code 1. Method: a real process
// before a real Redis, whose line about its version is another one on its way: Redis 6 cannot be had everywhere. Tried once by
// hand with Redis 6.0.16 itself, with every service and with npm start: the same line.
const server = await startTestRedis();
const old = createServer((client) => {
  const upstream = dial(server.port, '127.0.0.1');
  const sayOld = (chunk: Buffer) =>
    Buffer.from(chunk.toString('latin1').replace(/(redis|valkey)_version:\d/g, '$1_version:6'), 'latin1');
  client.on('data', (chunk) => upstream.write(chunk));
  upstream.on('data', (chunk: Buffer) => client.write(sayOld(chunk)));
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}).listen(0, '127.0.0.1');
await once(old, 'listening');
const address = old.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
afterAll(async () => {
  old.close();
  await server.stop();
});

test('one line on standard error, exit code 1, and nothing else', async () => {
  const main = join(import.meta.dirname, '../packages/exchange/src/main.ts');
  const env = { ...process.env, PORT: '0', REDIS_URL: `redis://127.0.0.1:${port}` };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [said, stdout, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'exit')]);
  expect(said).toMatch(
    /^exchange: Redis 6\.[\d.]+ is too old: its scripts have no flags; use Redis 7\.0 or later, or Valkey\n$/,
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});
