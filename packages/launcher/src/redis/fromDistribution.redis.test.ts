import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../../tests/kit/freePort.ts';
import { aptWith } from './apt.ts';
import { serverPid } from './ask.ts';
import { cacheFolder, fromDistribution } from './fromDistribution.ts';
import { onPath } from './onPath.ts';
import { readOsRelease } from './osRelease.ts';
import { startRedis } from './startRedis.ts';

// Goal: a Redis on a Debian or Ubuntu machine that has none, without root. Method: really done, into a new cache.

const hasApt = (await onPath('apt-get', process.env)) !== undefined;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'distribution-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const search = (more: NodeJS.ProcessEnv = {}) => {
  const told: string[] = [];
  const env: NodeJS.ProcessEnv = { ...process.env, XDG_CACHE_HOME: home, ...more };
  return { told, env, onProgress: (message: string) => told.push(message) };
};

test.runIf(hasApt)('unpacks a server that runs, once', { timeout: 300_000 }, async () => {
  const first = search();
  const source = await fromDistribution(first);
  if (!('kind' in source) || source.kind !== 'binary') throw new Error(`found ${JSON.stringify(source)}`);
  expect(source.server.startsWith(home)).toBe(true);
  expect(first.told.at(-1)).toMatch(/^unpacked Redis [\d.]+ into /);

  const redis = await startRedis(source, { port: await freePort(), dir: join(home, 'data'), appendonly: true });
  // The wrapper script has become the server: signals meet the right process.
  expect(await serverPid(redis.url)).toBe(redis.pid);
  await redis.stop();

  const again = search();
  expect(await fromDistribution(again)).toEqual(source);
  expect(again.told).toEqual([]);
  expect(await readdir(cacheFolder(again.env))).toHaveLength(1);
});

test.runIf(hasApt)(
  'package lists that the machine lacks are fetched into a folder of our own',
  { timeout: 300_000 },
  async () => {
    const { env, told, onProgress } = search();
    const apt = await aptWith('fresh', home, { env, onProgress });
    expect((await apt.missingFor('redis-tools')).size).toBeGreaterThan(0);
    expect(told).toEqual(['fetching package lists, for there are none that serve']);
  },
);

test('another system: says what it lacks', async () => {
  const empty = search({ PATH: home });
  expect(await fromDistribution(empty)).toEqual({ missing: 'no apt-get, so no Debian or Ubuntu packages' });
});

test('the cache is ours under XDG_CACHE_HOME, or under ~/.cache', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/choreography-deadline');
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/choreography-deadline');
  expect(cacheFolder({ HOME: '/h' })).toBe('/h/.cache/choreography-deadline');
});

test('reads os-release as it is written, with and without quotes', async () => {
  const path = join(home, 'os-release');
  await writeFile(path, 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n');
  expect(await readOsRelease(path)).toEqual({ id: 'debian', version: '12' });
  expect(await readOsRelease(join(home, 'none'))).toEqual({ id: 'linux', version: 'unknown' });
});
