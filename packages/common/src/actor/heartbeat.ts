import type { Channel } from './channel.ts';
import type { HandedBackWork } from './handedBackWork.ts';
import type { Incidents } from './incidents.ts';
import { BACKOFF_MS_MAX, CLAIM_COUNT_MAX, HEARTBEAT_MS, LEASE_MS } from './limits.ts';
import { pause } from './pause.ts';
import { heartbeat } from './scripts/pendingScripts.ts';

/** Renews the consumer's lease, takes over what dead consumers left, and learns when the next retry is due. */
export class Heartbeat {
  readonly #channel: Channel;
  readonly #work: HandedBackWork;
  readonly #incidents: Incidents;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #fault: string | undefined;

  constructor(channel: Channel, work: HandedBackWork, incidents: Incidents) {
    this.#channel = channel;
    this.#work = work;
    this.#incidents = incidents;
  }

  /** Why the last sign of life was not taken; undefined where it was. */
  get fault(): string | undefined {
    return this.#fault;
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
      const more = await this.#beat().catch((error: unknown) => {
        this.#fault = error instanceof Error ? error.message : String(error);
        this.#work.suspectMore();
        this.#channel.logger.warn({ err: error }, 'heartbeat failed');
        return false;
      });
      // A dead consumer may have left thousands: all of them are claimed in time, page after page.
      if (!more) await pause(HEARTBEAT_MS, signal);
    }
  }

  /** @returns whether a dead consumer has left more than was claimed */
  async #beat(): Promise<boolean> {
    const { scripts, redis, keys, tag, group, consumer, metrics, logger } = this.#channel;
    if (redis.status !== 'ready') return false;
    const { rest } = await scripts.run(redis, heartbeat, keys, {
      tag,
      group,
      consumer,
      leaseMs: LEASE_MS,
      countMax: CLAIM_COUNT_MAX,
      backoffMsMax: BACKOFF_MS_MAX,
    });
    this.#fault = undefined;
    const [claimed, nextRetryMs, deleted, more] = rest as [string[], string, string[], string];
    if (claimed.length > 0) {
      metrics.claims.inc({ group }, claimed.length);
      logger.info({ claimed: claimed.length }, 'claimed entries of a dead consumer');
      this.#work.take(claimed.map((id) => ({ id, why: 'CLAIMED', detail: '' })));
    }
    this.#work.catchUp();
    if (nextRetryMs !== '') this.#work.wakeForRetry(Number(nextRetryMs));
    for (const name of deleted) logger.info({ consumer: name }, 'deleted a dead consumer');
    await this.#forgetOthersIncidents();
    return more === '1';
  }

  /** An incident is shown by the consumer that has the entry: another may have taken it over, and done it. */
  async #forgetOthersIncidents(): Promise<void> {
    const { redis, keys, tag, group, consumer } = this.#channel;
    for (const id of this.#incidents.eventIdsOf(tag)) {
      const [pending] = (await redis.xpending(keys.log, group, id, id, 1)) as [string, string][];
      if (pending?.[1] !== consumer) this.#incidents.clear(tag, id);
    }
  }
}
