import type { Partition } from 'common/partition/partition';
import type { Background } from 'common/process/background';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import type { DueDrain } from './dueDrain.ts';
import { PartitionWakeUps } from './partitionWakeUps.ts';
import { rareWarning } from './rareWarning.ts';
import type { WakeUp } from './wakeUp.ts';

/**
 * The second ring: BullMQ's delayed jobs carry the wake-ups, one for each partition and bucket that has deadlines. The set
 * `due` is the truth, so that a wake-up that is lost, early, late or repeated costs nothing but time. Whatever BullMQ
 * throws is logged, seldom, and stops no other ring.
 */
export class WakeUps implements Background {
  readonly #foundation: Foundation;
  readonly #drain: DueDrain;
  readonly #warn: (error: unknown) => void;
  #running = new Map<Partition, PartitionWakeUps>();

  constructor({ logger }: ServiceContext, foundation: Foundation, drain: DueDrain) {
    this.#foundation = foundation;
    this.#drain = drain;
    this.#warn = rareWarning(logger, 'wake-ups fail: until they are back the sweep fires deadlines');
  }

  /** Fires what became due while nobody was here, and asks for the wake-up of what is next. */
  async start(): Promise<void> {
    const { connections, partitions } = this.#foundation;
    for (const partition of partitions) {
      this.#running.set(partition, new PartitionWakeUps(connections.url, partition, this.#drain, this.#warn));
    }
    await Promise.all([...this.#running.values()].map((partition) => partition.look()));
  }

  async stop(): Promise<void> {
    const closing = [...this.#running.values()];
    this.#running = new Map();
    const away = this.#foundation.connections.commands.status !== 'ready';
    await Promise.all(closing.map((partition) => partition.close(away)));
  }

  /** Asks for the wake-ups that newly scheduled deadlines need; nothing before the start and after the stop. */
  ask(wakeUps: readonly WakeUp[], partition: Partition): void {
    this.#running.get(partition)?.ask(wakeUps);
  }

  /** Makes sure that this wake-up is asked for, even where BullMQ has lost it. */
  insist(wakeUp: WakeUp, partition: Partition): void {
    this.#running.get(partition)?.insist(wakeUp);
  }
}
