import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../refusal.ts';
import { type Apt, aptWith } from './apt.ts';
import { run } from './run.ts';
import { isRecent, oldestVersion } from './serverVersion.ts';
import type { Search } from './way.ts';

const programs = ['redis-server', 'valkey-server'] as const;

/**
 * Unpacks the distribution's Redis (or Valkey) with the libraries that this machine lacks into `dir`:
 * `root/` as the packages have it and `bin/redis-server`, which runs it.
 * @throws Error when neither the machine's package lists nor fresh ones lead to a recent enough server
 */
export async function unpackServer(dir: string, search: Search): Promise<void> {
  const reasons: string[] = [];
  for (const lists of ['system', 'fresh'] as const) {
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    const state = await mkdtemp(join(dir, 'apt-'));
    try {
      const apt = await aptWith(lists, state, search);
      const { program, packages } = await choose(apt);
      search.onProgress(`downloading ${packages.join(', ')}`);
      await unpackInto(dir, await apt.download(packages), search.env);
      return await writeWrapper(dir, program);
    } catch (error) {
      reasons.push(reasonOf(error));
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  }
  throw new Error(reasons.at(-1));
}

/** The first of Redis and Valkey that is offered in a version that will do, with all that it lacks on this machine. */
async function choose(apt: Apt): Promise<{ program: string; packages: string[] }> {
  const reasons: string[] = [];
  for (const program of programs) {
    try {
      const missing = await apt.missingFor(program);
      const offered = missing.get(program) ?? 'none';
      if (!isRecent(offered)) throw new Error(`${program} is offered as ${offered}, wanted ${oldestVersion} or later`);
      return { program, packages: [...missing.keys()].filter((name) => /^(lib|zlib|redis|valkey)/.test(name)) };
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new Error(reasons.join(', '));
}

async function unpackInto(dir: string, packages: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(join(dir, 'root'), { recursive: true });
  for (const file of packages) await run('dpkg-deb', ['-x', file, join(dir, 'root')], { env });
  await rm(join(dir, 'root/usr/share'), { recursive: true, force: true });
}

async function writeWrapper(dir: string, program: string): Promise<void> {
  const libraries = await libraryFolders(dir);
  const script = [
    '#!/bin/sh',
    '# exec keeps the process id, so that a signal reaches the server itself',
    'root=$(dirname "$0")/../root',
    `LD_LIBRARY_PATH="${libraries.map((folder) => `$root/${folder}`).join(':')}" exec "$root/usr/bin/${program}" "$@"`,
    '',
  ].join('\n');
  await mkdir(join(dir, 'bin'), { recursive: true });
  await writeFile(join(dir, 'bin/redis-server'), script);
  await chmod(join(dir, 'bin/redis-server'), 0o755);
}

/** The folders of libraries in root, as `usr/lib/x86_64-linux-gnu`, whatever the machine's architecture. */
async function libraryFolders(dir: string): Promise<string[]> {
  const folders: string[] = [];
  for (const parent of ['usr/lib', 'lib']) {
    const entries = await readdir(join(dir, 'root', parent)).catch(() => []);
    folders.push(...entries.filter((name) => name.includes('-linux-')).map((name) => `${parent}/${name}`));
  }
  return folders;
}
