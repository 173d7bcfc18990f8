import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { RunningRedis } from 'launcher/redis/runningRedis';
import { startRedis } from 'launcher/redis/startRedis';
import type { RedisSource } from 'launcher/redis/way';
import { pidFileName } from '../../kit/sweep.ts';

export type Fsync = 'always' | 'everysec';

const ADMIN_MS_MAX = 20_000;

/** The world's Redis: with its data on disk, and killed and started again as often as chaos wants. */
export class ChaosRedis {
  readonly dir: string;
  readonly port: number;
  readonly fsync: Fsync;
  readonly #source: RedisSource;
  readonly #args: readonly string[];
  #server: RunningRedis | undefined;

  constructor(source: RedisSource, { dir, port, fsync }: { dir: string; port: number; fsync: Fsync }) {
    this.dir = dir;
    this.port = port;
    this.fsync = fsync;
    this.#source = source;
    this.#args = [
      // Found by the tests' sweeper where a run was killed before it could end its server.
      ...['--pidfile', join(dir, pidFileName(port))],
      ...['--appendfsync', fsync],
      ...['--enable-debug-command', 'local'],
      ...['--enable-protected-configs', 'local'],
    ];
  }

  async start(): Promise<void> {
    const { dir, port } = this;
    this.#server = await startRedis(this.#source, { port, dir, appendonly: true, args: this.#args, ownGroup: true });
  }

  /** SIGKILL. @returns when that was sent, and when it was seen dead, in ms since 1970 */
  async kill(): Promise<{ sent: number; at: number }> {
    const sent = Date.now();
    await this.#server?.kill();
    return { sent, at: Date.now() };
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Lends a connection that goes past the proxy. */
  async admin<T>(use: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.port, '127.0.0.1', { protocol: 2, commandTimeout: ADMIN_MS_MAX, lazyConnect: true });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return await use(redis);
    } finally {
      redis.disconnect();
    }
  }
}
