import type { ServiceConfig } from 'common/config/readConfig';
import { GROUPS, logKey } from 'common/events/keys';
import type { Partition } from 'common/partition/partition';
import type { Connections } from 'common/redis/connections';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { RETENTION_SWEEP_MS, SWEEP_COUNT_MAX, SWEEP_PASSED_MAX, TRIM_COUNT_MAX } from './limits.ts';
import { pause } from './pause.ts';
import { trimLog } from './scripts/trimLog.ts';

/** What one call of a service's sweep script has done: members it looked at, those it removed, and what went wrong. */
export type Swept = { seen: number; removed: number; failure: string };

/** Gives names to the rest of a `SWEPT` reply. */
export function sweptOf([seen, removed, failure]: readonly unknown[]): Swept {
  return { seen: Number(seen), removed: Number(removed), failure: String(failure) };
}

/** Sweeps one index of a partition from `offset` on. */
export type Sweep = (partition: Partition, offset: number, countMax: number) => Promise<Swept>;

export type RetentionOptions = {
  connections: Connections;
  partitions: readonly Partition[];
  scripts: ScriptRunner;
  config: Pick<ServiceConfig, 'retentionMs' | 'deadlineMs'>;
  logger: Logger;
  registry: Registry;
  /** The service's own sweeps by what they remove, one for each index. */
  sweeps: Readonly<Record<string, Sweep>>;
};

/**
 * Trims the log and removes what is settled and past its retention. Several services may run it at once: every step is one
 * script that decides for itself. Short calls one after the other, so that it never holds Redis for long.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #everyMs: number;
  readonly #removed: Counter;
  readonly #stopping = new AbortController();
  /** By index, how far the last round came that did not come to the end. */
  readonly #reached = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
    // Of a retention of seconds, at most a fifth may pass before it is acted on.
    this.#everyMs = Math.min(RETENTION_SWEEP_MS, Math.ceil(options.config.retentionMs / 5));
    this.#removed = new Counter({
      name: 'saga_retention_removed_total',
      help: 'Records and log entries removed after their retention',
      labelNames: ['what'],
      registers: [options.registry],
    });
  }

  async start(): Promise<void> {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** One whole round over all partitions. */
  async sweepOnce(): Promise<void> {
    for (const partition of this.#options.partitions) {
      await this.#trim(partition);
      for (const [what, sweep] of Object.entries(this.#options.sweeps)) await this.#sweep(what, sweep, partition);
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(this.#everyMs, signal);
      if (signal.aborted || this.#options.connections.commands.status !== 'ready') continue;
      await this.sweepOnce().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'the retention sweep failed, the next one goes on');
      });
    }
  }

  async #trim({ tag }: Partition): Promise<void> {
    const { scripts, connections, config, logger } = this.#options;
    // Retention begins at an order's deadline: until then its first events belong to an order that is open.
    const retentionMs = config.deadlineMs + config.retentionMs;
    for (;;) {
      const args = { tag, retentionMs, countMax: TRIM_COUNT_MAX };
      const { word, rest } = await scripts.run(connections.commands, trimLog, { log: logKey(tag) }, args, GROUPS);
      if (word === 'WAITING') return logger.debug({ group: rest[0] }, 'nothing is trimmed before every group exists');
      const removed = Number(rest[0]);
      this.#removed.inc({ what: 'log entries' }, removed);
      // Whole nodes of the stream are removed, so that a call which ended at its limit removed a little less.
      if (removed < TRIM_COUNT_MAX / 2) return;
    }
  }

  /**
   * What has to stay is passed over, but only so much of it a round: one entry that keeps failing holds back the log, and with
   * it every record behind. The next round looks at the head, where what may go usually is, and goes on from there.
   */
  async #sweep(what: string, sweep: Sweep, partition: Partition): Promise<void> {
    const index = `${what} ${partition.tag}`;
    let [offset, passed] = [0, 0];
    while (!this.#stopping.signal.aborted) {
      const { seen, removed, failure } = await sweep(partition, offset, SWEEP_COUNT_MAX);
      if (failure !== '') this.#options.logger.error({ what, failure }, 'a record cannot be swept away');
      this.#removed.inc({ what }, removed);
      offset += seen - removed;
      passed += seen - removed;
      if (seen < SWEEP_COUNT_MAX) return void this.#reached.delete(index);
      if (passed >= SWEEP_PASSED_MAX) return void this.#reached.set(index, offset);
      if (removed === 0) offset = Math.max(offset, this.#reached.get(index) ?? 0);
    }
  }
}
