import type { Partition } from 'common/partition/partition';
import type { Drained, DueDrain } from './dueDrain.ts';
import type { WakeUp } from './wakeUp.ts';
import { WakeUpQueue } from './wakeUpQueue.ts';

/** Buckets that are remembered as asked for: eighty seconds of them. A forgotten one is only asked for again. */
const ASKED_MAX = 4_096;

/** The wake-ups of one partition: which buckets are asked for, and what is done when one is over. */
export class PartitionWakeUps {
  readonly #partition: Partition;
  readonly #drain: DueDrain;
  readonly #onError: (error: unknown) => void;
  readonly #asked = new Set<number>();
  readonly #queue: WakeUpQueue;

  constructor(url: string, partition: Partition, drain: DueDrain, onError: (error: unknown) => void) {
    this.#partition = partition;
    this.#drain = drain;
    this.#onError = onError;
    this.#queue = new WakeUpQueue({
      url,
      tag: partition.tag,
      onWake: (bucketEnd) => this.#wake(bucketEnd),
      onGone: (bucketEnd, drained) => this.#rearm(bucketEnd, drained),
      onError,
    });
  }

  close(away: boolean): Promise<void> {
    return this.#queue.close(away);
  }

  /** Asks for each wake-up, once; buckets that are over already are looked at now. */
  ask(wakeUps: readonly WakeUp[]): void {
    if (wakeUps.some(({ inMs }) => inMs <= 0)) void this.look();
    for (const wakeUp of wakeUps) if (wakeUp.inMs > 0 && !this.#asked.has(wakeUp.bucketEnd)) this.insist(wakeUp);
  }

  /** Asks for a wake-up although it may be asked for: BullMQ ignores a second one, and may have lost the first. */
  insist(wakeUp: WakeUp): void {
    this.#remember(wakeUp.bucketEnd);
    this.#queue.add(wakeUp).catch((error: unknown) => {
      this.#asked.delete(wakeUp.bucketEnd);
      this.#onError(error);
    });
  }

  /** Fires what is due, and asks for the next wake-up. */
  async look(): Promise<void> {
    try {
      const { next } = await this.#drain(this.#partition, 'wake-up');
      if (next) this.ask([next]);
    } catch (error) {
      this.#onError(error);
    }
  }

  #wake(bucketEnd: number): Promise<Drained> {
    this.#asked.delete(bucketEnd);
    return this.#drain(this.#partition, 'wake-up');
  }

  /**
   * Only now is the job's id free. A job that came early, by a clock that is ahead of Redis', may have been in the way of
   * one for its own bucket meanwhile: then only another look can tell what is next.
   */
  #rearm(bucketEnd: number, { now, next }: Drained): void {
    if (now < bucketEnd) void this.look();
    else if (next) this.ask([next]);
  }

  #remember(bucketEnd: number): void {
    this.#asked.add(bucketEnd);
    const [oldest] = this.#asked;
    if (this.#asked.size > ASKED_MAX && oldest !== undefined) this.#asked.delete(oldest);
  }
}
