import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import type { Drained } from './dueDrain.ts';
import { WAKE_UP_QUEUE, wakeUpPrefix } from './keys.ts';
import type { WakeUp } from './wakeUp.ts';

/** A worker that died holds its job for no longer than this: deadlines are 10 s, BullMQ's own default is 30 s. */
const LOCK_MS = 2_000;
/** Nobody reads BullMQ's event stream. */
const EVENTS_MAX = 100;
const RECONNECT_MS = 500;
/** BullMQ's blocking read ends after 10 s at the latest; a connection that is silent for longer is dead. */
const SILENT_MS_MAX = 12_000;
/** For jobs that run at the stop; what is not done by then is somebody else's, or found by a sweep. */
const CLOSE_MS_MAX = 1_500;

export type WakeUpQueueOptions = {
  url: string;
  tag: string;
  /** The work of a job that has woken up. */
  onWake: (bucketEnd: number) => Promise<Drained>;
  /** Hears what a job's work has answered, once the job is gone and its id is free again. */
  onGone: (bucketEnd: number, drained: Drained) => void;
  onError: (error: unknown) => void;
};

type Bucket = { bucketEnd: number };

/** The wake-ups of one partition as BullMQ's delayed jobs. Nothing depends on one: whoever wakes up looks at `due`. */
export class WakeUpQueue {
  readonly #queue: Queue<Bucket, Drained, 'wake-up'>;
  readonly #worker: Worker<Bucket, Drained, 'wake-up'>;

  constructor({ url, tag, onWake, onGone, onError }: WakeUpQueueOptions) {
    const options = { connection: connectionTo(url), prefix: wakeUpPrefix(tag) };
    this.#queue = new Queue(WAKE_UP_QUEUE, { ...options, streams: { events: { maxLen: EVENTS_MAX } } });
    this.#worker = new Worker(WAKE_UP_QUEUE, ({ data }) => onWake(data.bucketEnd), {
      ...options,
      concurrency: 1,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
    });
    this.#worker.on('completed', ({ data }, drained) => onGone(data.bucketEnd, drained));
    this.#worker.on('failed', (_job, error) => onError(error));
    this.#worker.on('error', onError);
    this.#queue.on('error', onError);
  }

  /**
   * Asks for a wake-up; one that is asked for already is left as it is.
   * The delay is what Redis' clock said: of the host's own clock BullMQ only uses the difference.
   */
  async add({ bucketEnd, inMs }: WakeUp): Promise<void> {
    await this.#queue.add(
      'wake-up',
      { bucketEnd },
      // No integer and no colon in an id; and a job that is kept would turn the next one of its id into nothing.
      { jobId: `until-${bucketEnd}`, delay: inMs, removeOnComplete: true, removeOnFail: true },
    );
  }

  /**
   * Lets a job that runs end, and closes all connections within two seconds.
   *
   * @param away whether Redis is away: a polite goodbye would then wait for its return
   */
  async close(away: boolean): Promise<void> {
    const queueClosed = away ? this.#queue.getBackend().close(true) : this.#queue.close();
    const closed = Promise.allSettled([this.#worker.close(away), queueClosed]);
    const inTime = await Promise.race([closed.then(() => true), sleep(CLOSE_MS_MAX, false, { ref: false })]);
    // Not waited for: a connection that is between two attempts never says that it has ended.
    if (!inTime) void Promise.allSettled([this.#worker.disconnect(), this.#queue.disconnect()]);
  }
}

/** BullMQ keeps what it was about to send until Redis is back, and wants blocking reads to be sent again. */
const connectionTo = (url: string) => ({
  url,
  protocol: 2,
  connectionName: WAKE_UP_QUEUE,
  maxRetriesPerRequest: null,
  socketTimeout: SILENT_MS_MAX,
  maxLoadingRetryTime: RECONNECT_MS,
  retryStrategy: () => RECONNECT_MS,
});
