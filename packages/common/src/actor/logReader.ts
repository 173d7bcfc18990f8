import { type Connections, whenReady } from 'common/redis/connections';
import type { Redis } from 'ioredis';
import type { Channel } from './channel.ts';
import { BATCH_COUNT_MAX, BLOCK_GRACE_MS, BLOCK_MS, READ_PAUSE_MS, READ_PAUSE_MS_MAX } from './limits.ts';
import { pause } from './pause.ts';
import { type DrainReport, type DrainScript, drainReport } from './scripts/drain.ts';

/**
 * The fast path: sleeps in a blocking read of the log's tail, then drains batch after batch until nothing is left. It has a
 * connection of its own, for a blocked connection can do nothing else. It holds no event: what a drain reads takes effect
 * in the same script.
 */
export class LogReader {
  readonly #channel: Channel;
  readonly #connections: Connections;
  readonly #redis: Redis;
  readonly #script: DrainScript;
  readonly #onReport: (report: DrainReport) => void;
  readonly #onLost: () => void;
  readonly #stopping = new AbortController();
  #draining = false;
  #running: Promise<void> = Promise.resolve();

  /** @param onLost hears that a drain may have run whose report never came: what it handed back is only in Redis */
  constructor(
    channel: Channel,
    connections: Connections,
    script: DrainScript,
    { onReport, onLost }: { onReport: (report: DrainReport) => void; onLost: () => void },
  ) {
    this.#channel = channel;
    this.#connections = connections;
    this.#redis = connections.dedicated(`${channel.group}-${channel.tag}`, BLOCK_MS + BLOCK_GRACE_MS);
    this.#script = script;
    this.#onReport = onReport;
    this.#onLost = onLost;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends the wait at once; a drain that runs ends by itself first. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (!this.#draining) this.#connections.close(this.#redis);
    await this.#running;
    this.#connections.close(this.#redis);
  }

  /**
   * Makes the consumer group at the log's beginning where there is none; records make it harmless to read again what was
   * read before.
   *
   * @returns whether it was made
   */
  async ensureGroup(): Promise<boolean> {
    const { redis, keys, group } = this.#channel;
    try {
      await redis.xgroup('CREATE', keys.log, group, '0', 'MKSTREAM');
      return true;
    } catch (error) {
      const code = error instanceof Error ? error.message.split(' ', 1)[0] : undefined;
      if (code === 'BUSYGROUP' || (code === 'OOM' && (await this.#hasGroup()))) return false;
      throw error;
    }
  }

  /** At maxmemory Redis refuses to make a group before it looks whether there is one. */
  #hasGroup(): Promise<boolean> {
    const { redis, keys, group } = this.#channel;
    return redis.xinfo('CONSUMERS', keys.log, group).then(
      () => true,
      () => false,
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await whenReady(this.#redis, signal);
        const lastId = await this.#drainAll();
        failures = 0;
        if (lastId !== undefined && !signal.aborted) await this.#waitAfter(lastId);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        await this.#recover(error, failures);
      }
    }
  }

  /** @returns the log's last id once nothing is left to read, undefined where it was told to stop before */
  async #drainAll(): Promise<string | undefined> {
    while (!this.#stopping.signal.aborted) {
      const report = await this.#drainOnce();
      this.#onReport(report);
      if (report.lastId !== undefined) return report.lastId;
    }
    return undefined;
  }

  async #drainOnce(): Promise<DrainReport> {
    const { scripts, keys, tag, group, consumer, logger } = this.#channel;
    this.#draining = true;
    try {
      const { rest } = await scripts.run(
        this.#redis,
        this.#script,
        { log: keys.log },
        { tag, group, consumer, countMax: BATCH_COUNT_MAX, trail: Number(logger.isLevelEnabled('debug')) },
      );
      return drainReport(rest);
    } finally {
      this.#draining = false;
    }
  }

  /** Sleeps until the log has an entry after `lastId`, or for BLOCK_MS. */
  async #waitAfter(lastId: string): Promise<void> {
    await this.#redis.xread('COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', this.#channel.keys.log, lastId);
  }

  async #recover(error: unknown, failures: number): Promise<void> {
    const { logger, metrics, group } = this.#channel;
    metrics.drainErrors.inc({ group });
    this.#onLost();
    const isGroupLost = error instanceof Error && error.message.includes('NOGROUP');
    if (isGroupLost && (await this.#remakeGroup())) return;
    logger.warn({ err: error, failures }, 'reading the log failed, trying again');
    await pause(Math.min(READ_PAUSE_MS_MAX, READ_PAUSE_MS * 2 ** failures), this.#stopping.signal);
  }

  /** @returns whether there is a group again; where Redis refuses to make one, the caller pauses as after any error */
  async #remakeGroup(): Promise<boolean> {
    const { logger, metrics, group } = this.#channel;
    try {
      await this.ensureGroup();
    } catch (error) {
      logger.warn({ err: error }, 'the consumer group is gone and cannot be made now');
      return false;
    }
    metrics.lostGroups.inc({ group });
    logger.error('the consumer group was gone: made again at the beginning of the log, records make that harmless');
    return true;
  }
}
