import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedis } from './findRedis.ts';
import { fromPath } from './fromPath.ts';
import { fromUrl, withoutPassword } from './fromUrl.ts';
import { isRecent } from './serverVersion.ts';
import type { Way } from './way.ts';

// Goal: the order of the ways, and what each takes for a Redis. Method: folders with programs that answer --version.

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-redis-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(dir: string, name: string, script: string, mode = 0o755): Promise<string> {
  await mkdir(join(folder, dir), { recursive: true });
  const path = join(folder, dir, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, mode);
  return path;
}

const redis = (version: string) => `echo "Redis server v=${version} sha=00000000:0 malloc=libc bits=64"`;
const valkey = (version: string) => `echo "Valkey server v=${version} sha=00000000:0"`;
const path = (...dirs: string[]) => [...dirs.map((dir) => join(folder, dir)), '/usr/bin', '/bin'].join(delimiter);

const docker: Way = async () => ({ kind: 'docker', image: 'redis:8.0' });
const none: Way = async () => ({ missing: 'nothing there' });

async function find(env: NodeJS.ProcessEnv, ways: readonly Way[] = [fromUrl, fromPath, docker]) {
  const told: string[] = [];
  const source = await findRedis({ env, ways, onProgress: (message) => told.push(message) });
  return { source, told };
}

test('REDIS_URL comes before everything', async () => {
  await program('a', 'redis-server', redis('7.0.15'));
  const { source } = await find({ REDIS_URL: 'redis://10.0.0.1:7000/2', PATH: path('a') });
  expect(source).toEqual({ kind: 'url', url: 'redis://10.0.0.1:7000/2' });
});

test.each(['localhost:6379', 'http://localhost', 'redis://', 'nonsense'])('REDIS_URL=%s is refused', async (url) => {
  await expect(find({ REDIS_URL: url })).rejects.toThrow(`REDIS_URL must look like redis://host:6379, got '${url}'`);
});

test('a password is never shown', async () => {
  await expect(find({ REDIS_URL: 'htp://me:secret@host' })).rejects.not.toThrow(/secret/);
  expect(withoutPassword('redis://:secret@host:1')).toBe('redis://:***@host:1');
  expect(withoutPassword('redis://host:1')).toBe('redis://host:1');
});

test('redis-server on PATH, in the order of PATH', async () => {
  const server = await program('b', 'redis-server', redis('7.2.4'));
  await program('c', 'redis-server', redis('8.0.0'));
  expect((await find({ PATH: path('a', 'b', 'c') })).source).toEqual({ kind: 'binary', server, version: '7.2.4' });
});

test('valkey-server will do', async () => {
  const server = await program('a', 'valkey-server', valkey('8.1.1'));
  expect((await find({ PATH: path('a') })).source).toEqual({ kind: 'binary', server, version: '8.1.1' });
});

test('redis-server before valkey-server, unless it is too old', async () => {
  const old = await program('a', 'redis-server', redis('6.2.7'));
  const server = await program('a', 'valkey-server', valkey('7.2.5'));
  const { source, told } = await find({ PATH: path('a') });
  expect(source).toMatchObject({ server });
  expect(told).toEqual([]);
  await rm(server);
  const next = await find({ PATH: path('a') });
  expect(next.source).toEqual({ kind: 'docker', image: 'redis:8.0' });
  expect(next.told).toEqual([`${old} is 6.2.7, older than 7.0; looking further`]);
});

test('what does not run or is no program is passed over', async () => {
  const broken = await program('a', 'redis-server', 'echo "libssl.so.3: cannot open" >&2; exit 127');
  await program('b', 'valkey-server', valkey('8.1.1'), 0o644);
  await mkdir(join(folder, 'c/valkey-server'), { recursive: true });
  const { source, told } = await find({ PATH: path('a', 'b', 'c') });
  expect(source.kind).toBe('docker');
  expect(told).toEqual([`${broken} does not run: ${broken} --version: libssl.so.3: cannot open; looking further`]);
});

test('nothing anywhere: one line that says what was tried and what to install', async () => {
  await expect(find({ PATH: path('a') }, [fromUrl, fromPath, none])).rejects.toMatchObject({
    name: 'Refusal',
    message:
      'no Redis found (REDIS_URL is not set; no redis-server or valkey-server on PATH; nothing there). ' +
      'Install Redis or Valkey 7.0 or later, start Docker, or set REDIS_URL',
  });
});

test.each([
  ['6.2.7', false],
  ['7.0.0', true],
  ['7.0.15-1~deb12u7', true],
  ['10.1', true],
  ['none', false],
])('version %s is recent enough: %s', (version, answer) => {
  expect(isRecent(version)).toBe(answer);
});
