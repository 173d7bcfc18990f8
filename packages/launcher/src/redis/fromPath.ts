import { reasonOf } from '../refusal.ts';
import { onPath } from './onPath.ts';
import { isRecent, oldestVersion, serverVersion } from './serverVersion.ts';
import type { Way } from './way.ts';

/** An installed redis-server or valkey-server; one that is too old or does not run is named and passed over. */
export const fromPath: Way = async ({ env, onProgress }) => {
  const unfit: string[] = [];
  for (const name of ['redis-server', 'valkey-server']) {
    const server = await onPath(name, env);
    if (server === undefined) continue;
    try {
      const version = await serverVersion(server, env);
      if (isRecent(version)) return { kind: 'binary', server, version };
      unfit.push(`${server} is ${version}, older than ${oldestVersion}`);
    } catch (error) {
      unfit.push(`${server} does not run: ${reasonOf(error)}`);
    }
  }
  for (const reason of unfit) onProgress(`${reason}; looking further`);
  return { missing: unfit.join(', ') || 'no redis-server or valkey-server on PATH' };
};
