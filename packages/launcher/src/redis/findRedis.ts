import { Refusal } from '../refusal.ts';
import { fromDistribution } from './fromDistribution.ts';
import { fromDocker } from './fromDocker.ts';
import { fromPath } from './fromPath.ts';
import { fromUrl } from './fromUrl.ts';
import type { RedisSource, Search, Way } from './way.ts';

/** In this order, on every machine: what the user named, what is installed, Docker, the distribution's packages. */
const everyWay: readonly Way[] = [fromUrl, fromPath, fromDocker, fromDistribution];

/**
 * Finds a Redis or Valkey (7.0 or later) to use.
 * @param options.env the variables to look in: REDIS_URL, PATH, DOCKER_HOST, XDG_CACHE_HOME
 * @param options.onProgress told of each step that takes long, and of each find that will not do
 * @param options.ways the ways to try, in order
 * @throws Refusal naming every way that was tried, and what to install
 */
export async function findRedis(options: Partial<Search> & { ways?: readonly Way[] } = {}): Promise<RedisSource> {
  const search: Search = { env: options.env ?? process.env, onProgress: options.onProgress ?? (() => {}) };
  const tried: string[] = [];
  for (const way of options.ways ?? everyWay) {
    const found = await way(search);
    if ('kind' in found) return found;
    tried.push(found.missing);
  }
  throw new Refusal(
    `no Redis found (${tried.join('; ')}). Install Redis or Valkey 7.0 or later, start Docker, or set REDIS_URL`,
  );
}
