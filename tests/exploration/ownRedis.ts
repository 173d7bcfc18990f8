import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from 'launcher/ports/freePort';
import { findRedis } from 'launcher/redis/findRedis';
import { startRedis } from 'launcher/redis/startRedis';

/** A connection as the explorer needs it: many commands under way at once, replies as the scripts expect them. */
export const connect = (url: string) => new Redis(url, { protocol: 2, enableAutoPipelining: true });

/**
 * Runs something on a Redis of its own, which is ended afterwards, also when it fails or is interrupted. REDIS_URL does not
 * count: nobody's data is explored.
 */
export async function withOwnRedis<T>(use: (redis: Redis) => Promise<T>): Promise<T> {
  const { REDIS_URL, ...env } = process.env;
  const source = await findRedis({ env, onProgress: (message) => process.stderr.write(`redis: ${message}\n`) });
  const dir = await mkdtemp(join(tmpdir(), 'saga-explore-'));
  const server = await startRedis(source, { port: await freePort(), dir, appendonly: false, args: ['--save', ''] });
  const redis = connect(server.url);
  let ending: Promise<void> | undefined;
  const end = () => {
    redis.disconnect();
    ending ??= server.stop().then(() => rm(dir, { recursive: true, force: true }));
    return ending;
  };
  let isInterrupted = false;
  const interrupted = () => {
    isInterrupted = true;
    // What was under way fails with its connection: that is no news.
    process.on('unhandledRejection', () => {});
    void end().then(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await use(redis);
  } catch (error) {
    if (!isInterrupted) throw error;
    return await new Promise<never>(() => {});
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await end();
  }
}
