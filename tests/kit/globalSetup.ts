import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedis } from 'launcher/redis/findRedis';
import { fromDocker } from 'launcher/redis/fromDocker';
import type { RedisSource } from 'launcher/redis/way';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where every test's Redis comes from, found once a run. */
    redisSource: RedisSource;
    /** A folder for the data of this run's servers, removed afterwards. */
    redisHome: string;
  }
}

/**
 * Finds a Redis for the tests before any of them runs. SAGA_TEST_REDIS=containers insists on Docker.
 * REDIS_URL does not count here: tests start, kill and flush servers of their own, never one of somebody's.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { REDIS_URL, ...env } = process.env;
  const containers = env.SAGA_TEST_REDIS === 'containers';
  const source = await findRedis({
    env,
    onProgress: (message) => console.error(`redis: ${message}`),
    ...(containers ? { ways: [fromDocker] } : {}),
  });
  console.error(`redis: ${describe(source)}`);
  const home = await mkdtemp(join(tmpdir(), 'saga-redis-'));
  const sweeper = fork(join(import.meta.dirname, 'sweeper.ts'), [home, source.kind], { detached: true });
  project.provide('redisSource', source);
  project.provide('redisHome', home);
  return () => finish(sweeper);
}

function describe(source: RedisSource): string {
  switch (source.kind) {
    case 'binary':
      return `${source.server} ${source.version}`;
    case 'docker':
      return `containers of ${source.image}`;
    case 'url':
      return source.url;
  }
}

async function finish(sweeper: ChildProcess): Promise<void> {
  const ended = once(sweeper, 'exit');
  sweeper.send('done');
  await ended;
}
