import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { reasonOf } from '../refusal.ts';
import { onPath } from './onPath.ts';
import { readOsRelease } from './osRelease.ts';
import { isRecent, serverVersion } from './serverVersion.ts';
import { unpackServer } from './unpackServer.ts';
import type { Search, Way } from './way.ts';

/**
 * A private copy from the distribution's own packages, on Debian and Ubuntu: downloaded and unpacked into the cache
 * folder once, without root and without installing anything.
 */
export const fromDistribution: Way = async (search) => {
  const { env, onProgress } = search;
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if ((await onPath(tool, env)) === undefined) return { missing: `no ${tool}, so no Debian or Ubuntu packages` };
  }
  const { id, version } = await readOsRelease();
  const copy = join(cacheFolder(env), `redis-${id}-${version}-${process.arch}`);
  const kept = await runnable(copy, env);
  if (kept !== undefined) return kept;
  try {
    await makeCopy(copy, search);
    const made = await runnable(copy, env);
    if (made === undefined) return { missing: `the copy in ${copy} does not run` };
    onProgress(`unpacked Redis ${made.version} into ${copy}`);
    return made;
  } catch (error) {
    return { missing: `the distribution's packages: ${reasonOf(error)}` };
  }
};

/** Where private copies are kept: a folder of our own under XDG_CACHE_HOME or ~/.cache. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME ?? '';
  return join(isAbsolute(base) ? base : join(env.HOME ?? homedir(), '.cache'), 'choreography-deadline');
}

/** Builds beside and renames, so that a copy that exists is complete, whoever else builds one at the same time. */
async function makeCopy(copy: string, search: Search): Promise<void> {
  const building = `${copy}.${process.pid}.new`;
  try {
    await unpackServer(building, search);
    if ((await runnable(copy, search.env)) === undefined) {
      await rm(copy, { recursive: true, force: true });
      await rename(building, copy);
    }
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function runnable(copy: string, env: NodeJS.ProcessEnv) {
  const server = join(copy, 'bin', 'redis-server');
  try {
    const version = await serverVersion(server, env);
    return isRecent(version) ? ({ kind: 'binary', server, version } as const) : undefined;
  } catch {
    return undefined;
  }
}
