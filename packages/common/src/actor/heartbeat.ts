import type { Channel } from './channel.ts';
import type { HandedBackWork } from './handedBackWork.ts';
import { CLAIM_COUNT_MAX, HEARTBEAT_MS, LEASE_MS } from './limits.ts';
import { pause } from './pause.ts';
import { heartbeat } from './scripts/pendingScripts.ts';

/** Renews the consumer's lease, takes over what dead consumers left, and learns when the next retry is due. */
export class Heartbeat {
  readonly #channel: Channel;
  readonly #work: HandedBackWork;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(channel: Channel, work: HandedBackWork) {
    this.#channel = channel;
    this.#work = work;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#beat().catch((error: unknown) => {
        this.#work.suspectMore();
        this.#channel.logger.warn({ err: error }, 'heartbeat failed');
      });
      await pause(HEARTBEAT_MS, signal);
    }
  }

  async #beat(): Promise<void> {
    const { scripts, redis, keys, tag, group, consumer, metrics, logger } = this.#channel;
    if (redis.status !== 'ready') return;
    const { rest } = await scripts.run(redis, heartbeat, keys, {
      tag,
      group,
      consumer,
      leaseMs: LEASE_MS,
      countMax: CLAIM_COUNT_MAX,
    });
    const [claimed, nextRetryMs, deleted] = rest as [string[], string, string[]];
    if (claimed.length > 0) {
      metrics.claims.inc({ group }, claimed.length);
      logger.info({ claimed: claimed.length }, 'claimed entries of a dead consumer');
      this.#work.take(claimed.map((id) => ({ id, why: 'CLAIMED', detail: '' })));
    }
    this.#work.catchUp();
    if (nextRetryMs !== '') this.#work.wakeForRetry(Number(nextRetryMs));
    for (const name of deleted) logger.info({ consumer: name }, 'deleted a dead consumer');
  }
}
