import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { freePort } from '../../../../tests/kit/freePort.ts';
import { startTestRedis } from '../../../../tests/kit/redis.ts';
import { until } from '../../../../tests/kit/until.ts';
import { ask, serverPid } from './ask.ts';
import { type KeptRedis, keepRedis } from './keepRedis.ts';
import { requireAnswer } from './requireAnswer.ts';
import { startRedis } from './startRedis.ts';

const source = inject('redisSource');
const isBinary = source.kind === 'binary';

let dir: string;
let kept: KeptRedis | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'start-redis-'));
});
afterEach(async () => {
  await kept?.stop(1_000);
  kept = undefined;
  await rm(dir, { recursive: true, force: true });
});

test('a port that another Redis has: its start says so, and the other one stays', async () => {
  const other = await startTestRedis();
  try {
    await expect(startRedis(source, { port: other.port, dir, appendonly: false })).rejects.toThrow(
      /in use|is taken|already allocated|bind/i,
    );
    await ask(other.url, ['PING']);
  } finally {
    await other.stop();
  }
});

test.runIf(isBinary)('a server that refuses its arguments is quoted', async () => {
  const settings = { port: await freePort(), dir, appendonly: false, args: ['--maxmemory', 'plenty'] };
  await expect(startRedis(source, settings)).rejects.toThrow(/maxmemory.*plenty|argument must be a memory value/is);
});

test.runIf(isBinary)('a start that is no longer wanted leaves nothing', async () => {
  const port = await freePort();
  const starting = startRedis(source, { port, dir, appendonly: false, signal: AbortSignal.abort(new Error('quit')) });
  await expect(starting).rejects.toThrow('quit');
  await expect(ask(`redis://127.0.0.1:${port}`, ['PING'])).rejects.toThrow();
});

test('a program that cannot be run', async () => {
  const settings = { port: await freePort(), dir, appendonly: false };
  await expect(startRedis({ kind: 'binary', server: join(dir, 'none'), version: '8' }, settings)).rejects.toThrow();
});

test('an image that Docker cannot run, or a Docker that is not there: neither is passed over', async () => {
  const settings = { port: await freePort(), dir: join(dir, 'data'), appendonly: false };
  const starting = startRedis({ kind: 'docker', image: 'localhost:1/no-such-redis:0' }, settings);
  await expect(starting).rejects.toThrow(/container runtime|Docker does not run .*no-such-redis:0: ./);
});

test.runIf(!isBinary)('a container is published on loopback only, for its Redis has no password', async () => {
  const redis = await startRedis(source, { port: await freePort(), dir: join(dir, 'data'), appendonly: false });
  try {
    const { container } = await (await import('testcontainers')).getContainerRuntimeClient();
    const { HostConfig } = await container.inspect(container.getById(redis.container ?? ''));
    expect(HostConfig.PortBindings).toEqual({ '6379/tcp': [{ HostIp: '127.0.0.1', HostPort: String(redis.port) }] });
  } finally {
    await redis.stop();
  }
});

test('a Redis named by its URL is taken as it is, and left alone', async () => {
  const other = await startTestRedis();
  try {
    const redis = await startRedis({ kind: 'url', url: other.url }, { port: 1, dir, appendonly: false });
    expect(redis).toMatchObject({ url: other.url, port: other.port });
    await redis.stop();
    await expect(redis.kill()).rejects.toThrow('not ours to kill');
    await requireAnswer(other.url);
  } finally {
    await other.stop();
  }
  await expect(requireAnswer(other.url)).rejects.toThrow(
    `no Redis answers at REDIS_URL ${other.url}: connect ECONNREFUSED`,
  );
});

test.runIf(isBinary)('a kept one comes back with its URL and its data, and ends when it is stopped', async () => {
  const said: string[] = [];
  const pids: (number | undefined)[] = [];
  const redis = await keepRedis(
    source,
    { dir, appendonly: true, args: ['--appendfsync', 'always'] },
    { say: (message) => said.push(message), onChange: () => pids.push(redis.current().pid) },
  );
  kept = redis;
  const { url, pid = 0 } = redis.current();
  await ask(url, ['SET', 'kept', 'yes']);
  process.kill(pid, 'SIGKILL');
  const next = await until('Redis to be another process', async () => {
    const now = await serverPid(url);
    return now !== pid && now;
  });
  await until('that to be told', () => pids.length > 0);
  expect(pids).toEqual([next]);
  expect(redis.current().url).toBe(url);
  expect(await ask(url, ['GET', 'kept'])).toBe('yes');
  expect(said).toEqual([
    'Redis ended with SIGKILL; starting it again with its data',
    `Redis runs again (process ${next})`,
  ]);
  await redis.stop(1_000);
  await expect(ask(url, ['PING'])).rejects.toThrow();
});

test.runIf(isBinary)('one that does not come back is tried on and on', async () => {
  // A server that refuses while a file is there.
  const obstacle = join(dir, 'obstacle');
  const server = join(dir, 'moody-server');
  const real = source.kind === 'binary' ? source.server : '';
  await writeFile(server, `#!/bin/sh\n[ -e '${obstacle}' ] && exit 1\nexec '${real}' "$@"\n`, { mode: 0o755 });
  const said: string[] = [];
  const moody = { kind: 'binary', server, version: '7' } as const;
  kept = await keepRedis(
    moody,
    { dir, appendonly: false },
    { say: (message) => said.push(message), onChange: () => {} },
  );
  await writeFile(obstacle, '');
  process.kill(kept.current().pid ?? 0, 'SIGKILL');
  await until('a start to fail', () => said.includes('Redis did not start: redis-server: it ended at once'));
  await rm(obstacle);
  await until('Redis to be back', () => said.at(-1)?.startsWith('Redis runs again'));
  await ask(kept.current().url, ['PING']);
});
