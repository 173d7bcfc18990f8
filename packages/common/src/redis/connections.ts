import { StartRefusal } from 'common/config/startRefusal';
import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/** How long a start waits for a Redis that does not answer yet. */
const CONNECT_MS_MAX = 5_000;

/** How often a Redis that still loads its data is asked again: its own estimate of how long it will take is seconds off. */
const LOADING_POLL_MS = 100;

/**
 * No command takes this long but a blocking read, which has its own connection and its own limit. A connection that gives
 * no answer for as long is dropped: one whose other end is gone without a word would stay open, and silent, for ever.
 */
const COMMAND_MS_MAX = 5_000;

/**
 * The connections of one service. Commands are never sent twice (`autoResendUnfulfilledCommands`): after a lost
 * connection nobody knows whether one ran, and only its caller knows whether it may run again.
 */
export class Connections {
  /** Shared by everything that does not block. */
  readonly commands: Redis;
  readonly url: string;
  readonly #logger: Logger;
  readonly #name: string;
  readonly #open = new Set<Redis>();

  constructor(url: string, name: string, logger: Logger) {
    this.url = url;
    this.#name = name;
    this.#logger = logger;
    this.commands = this.#create(name, { commandTimeout: COMMAND_MS_MAX, socketTimeout: COMMAND_MS_MAX });
  }

  /** @throws StartRefusal where Redis does not answer within five seconds */
  async connect(): Promise<void> {
    const { commands } = this;
    let last: unknown = 'no answer';
    const onError = (error: unknown) => {
      last = error;
    };
    commands.on('error', onError);
    try {
      // ioredis goes on by itself after a first attempt that failed; asked to connect once more, it would refuse.
      commands.connect().catch(onError);
      await whenReady(commands, AbortSignal.timeout(CONNECT_MS_MAX));
    } catch {
      commands.disconnect();
      throw new StartRefusal(`no Redis at ${withoutPassword(this.url)} (REDIS_URL): ${messageOf(last)}`);
    } finally {
      commands.off('error', onError);
    }
  }

  /**
   * A connection of its own, for a reader that blocks. It connects at once and again after every loss.
   *
   * @param silentMsMax how long a command may be without any answer before the connection is taken for dead
   */
  dedicated(purpose: string, silentMsMax: number): Redis {
    const redis = this.#create(`${this.#name}-${purpose}`, { socketTimeout: silentMsMax });
    redis.connect().catch((error: unknown) => this.#logger.debug({ err: error, purpose }, 'connecting failed'));
    return redis;
  }

  /** Ends one dedicated connection; what it is waiting for is rejected. */
  close(redis: Redis): void {
    this.#open.delete(redis);
    redis.disconnect();
  }

  async closeAll(): Promise<void> {
    for (const redis of this.#open) redis.disconnect();
    this.#open.clear();
  }

  #create(connectionName: string, options: Pick<RedisOptions, 'commandTimeout' | 'socketTimeout'>): Redis {
    const settings: Omit<RedisOptions, 'replyMapping'> = {
      connectionName,
      protocol: 2,
      lazyConnect: true,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: false,
      maxLoadingRetryTime: LOADING_POLL_MS,
      // With null, a command that is under way when the connection is lost is neither sent again nor rejected: it hangs.
      maxRetriesPerRequest: 0,
      retryStrategy: (times: number) => Math.min(1_000, 25 * 2 ** Math.min(times, 6)),
      ...options,
    };
    const redis = new Redis(this.url, settings);
    redis.on('error', (error) => this.#logger.warn({ err: error, connectionName }, 'Redis connection'));
    // Every request that lost its reply waits for the connection: a hundred of them are no leak to be warned of.
    redis.setMaxListeners(0);
    this.#open.add(redis);
    return redis;
  }
}

/** Resolves when the connection can be used again, or at once where it can be now. */
export function whenReady(redis: Redis, signal: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => () => {
      redis.off('ready', onReady);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onReady = done(resolve);
    const onAbort = done(() => reject(signal.reason));
    redis.once('ready', onReady);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
