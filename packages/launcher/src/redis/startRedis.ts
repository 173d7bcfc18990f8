import type { RedisSource } from './findRedis.ts';
import { startBinary } from './startBinary.ts';
import { startContainer } from './startContainer.ts';

export type RedisSettings = {
  /** A free port of loopback. */
  port: number;
  /** Where its data and its log go; made when it is not there. Another start in the same folder finds the data. */
  dir: string;
  appendonly: boolean;
  /** More arguments of redis-server, such as ['--maxmemory', '10mb']; they win over the defaults. */
  args?: readonly string[];
  /** Out of reach of the terminal's Ctrl-C: who started it ends it, after those who use it. */
  ownGroup?: boolean;
};

export type Ended = { code: number | null; signal: NodeJS.Signals | null };

export type RunningRedis = {
  url: string;
  port: number;
  /** Only of a process of this machine: a container's or a URL's is not ours to signal. */
  pid?: number;
  container?: string;
  /** Ends it in order, its data written; after that nothing is left of it but the data. */
  stop(): Promise<void>;
  /** Ends it as SIGKILL does. */
  kill(): Promise<void>;
  /** Settles when the server has ended, for whatever reason; never for a URL. */
  exited: Promise<Ended>;
};

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
