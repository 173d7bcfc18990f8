import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverPid } from 'launcher/redis/ask';
import { findRedis, type RedisSource } from 'launcher/redis/findRedis';
import { fromDocker } from 'launcher/redis/fromDocker';
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
  console.error(`redis: ${source.kind === 'binary' ? `${source.server} ${source.version}` : describe(source)}`);
  const home = await mkdtemp(join(tmpdir(), 'saga-redis-'));
  project.provide('redisSource', source);
  project.provide('redisHome', home);
  return () => sweep(home);
}

function describe(source: Exclude<RedisSource, { kind: 'binary' }>): string {
  return source.kind === 'docker' ? `containers of ${source.image}` : source.url;
}

/** The file in a server's folder that says which process listens on which port. */
export function pidFileName(port: number): string {
  return `redis-${port}.pid`;
}

/** Ends servers whose test process died before it could, and removes what they wrote. */
async function sweep(home: string): Promise<void> {
  for (const entry of await readdir(home, { recursive: true })) {
    const port = /redis-(\d+)\.pid$/.exec(entry)?.[1];
    if (port === undefined) continue;
    const pid = Number(await readFile(join(home, entry), 'utf8'));
    // The file of a killed server stays, and its pid may be somebody else's by now: only the server itself counts.
    if ((await serverPid(`redis://127.0.0.1:${port}`).catch(() => undefined)) !== pid) continue;
    console.error(`redis: a test left server ${pid} running; ended`);
    process.kill(pid, 'SIGKILL');
  }
  await rm(home, { recursive: true, force: true });
}
