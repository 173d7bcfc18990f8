import type { RedisSettings, RunningRedis } from './runningRedis.ts';
import { startBinary } from './startBinary.ts';
import { startContainer } from './startContainer.ts';
import type { RedisSource } from './way.ts';

/**
 * Starts a Redis that listens on loopback, with `hz 100` and no eviction, and waits until it answers.
 * A URL is taken as it is: it answers or not, and stop() leaves it alone.
 * @throws Error saying what the server said when it ends instead of answering, or does not answer within 30 s
 */
export function startRedis(source: RedisSource, settings: RedisSettings): Promise<RunningRedis> {
  switch (source.kind) {
    case 'url':
      return Promise.resolve(running(source.url));
    case 'binary':
      return startBinary(source.server, settings);
    case 'docker':
      return startContainer(source.image, settings);
  }
}

function running(url: string): RunningRedis {
  return {
    url,
    port: Number(new URL(url).port || 6379),
    stop: async () => {},
    kill: () => Promise.reject(new Error('a Redis that was named by its URL is not ours to kill')),
    exited: new Promise(() => {}),
  };
}
