import type { EventType } from 'common/events/catalog';
import { entryFields, newerVersion, parseEvent, type SagaEvent } from 'common/events/sagaEvent';
import type { Channel } from './channel.ts';
import { Failures } from './failures.ts';
import type { Handler } from './handler.ts';
import type { Incidents } from './incidents.ts';
import { BACKOFF_MS_MAX, CLAIM_COUNT_MAX, IN_FLIGHT_MAX, IN_FLIGHT_RETRIES_MAX } from './limits.ts';
import type { Outcomes } from './outcomes.ts';
import type { HandedBack } from './scripts/drain.ts';
import type { HandleScript } from './scripts/handle.ts';
import { ownPending, takeDue } from './scripts/pendingScripts.ts';

export type HandedBackOptions = {
  handle: HandleScript;
  handlers: Readonly<Partial<Record<string, Handler>>>;
  compensations: readonly EventType[];
  incidents: Incidents;
  outcomes: Outcomes;
  onReports: (reports: readonly string[]) => void;
};

/**
 * The slow path: entries that need work outside Redis, that failed, or that their schema refuses. Each is worked on by
 * itself, so that one that sleeps delays no other. Memory holds ids only, and only those in flight: the group's pending
 * list is the queue. What an entry was read on dies with the connection (its epoch); the list is read again after it.
 */
export class HandedBackWork {
  readonly #channel: Channel;
  readonly #options: HandedBackOptions;
  readonly #failures: Failures;
  readonly #inFlight = new Map<string, Promise<void>>();
  /** Those in flight that were given to this consumer once more: what is under way may have been answered before that. */
  readonly #givenAgain = new Set<string>();
  #epoch = new AbortController();
  #more = false;
  #refilling = false;
  #stopped = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #retryAt = Number.POSITIVE_INFINITY;

  constructor(channel: Channel, options: HandedBackOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#failures = new Failures(channel, options.compensations, options.incidents, (ms) => this.wakeForRetry(ms));
  }

  start(): void {
    this.#channel.redis.on('close', this.#onClose);
    this.#channel.redis.on('ready', this.#onReady);
    void this.#refill();
  }

  /** Aborts sleeps, lets running scripts end; what is not done stays pending. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#channel.redis.off('close', this.#onClose);
    this.#channel.redis.off('ready', this.#onReady);
    clearTimeout(this.#retryTimer);
    this.#epoch.abort(new Error('stopping'));
    await Promise.all(this.#inFlight.values());
  }

  /** Begins with entries that are pending with this consumer; those beyond the limit are found in the list later. */
  take(entries: readonly HandedBack[]): void {
    for (const entry of entries) {
      if (this.#stopped) continue;
      if (this.#inFlight.has(entry.id)) {
        this.#givenAgain.add(entry.id);
        continue;
      }
      if (this.#inFlight.size >= roomFor(entry)) {
        this.#more = true;
        continue;
      }
      this.#inFlight.set(entry.id, this.#work(entry, this.#epoch.signal));
      this.#channel.metrics.inFlight.inc({ group: this.#channel.group });
    }
  }

  /** Makes sure that due retries are taken `ms` from now at the latest. */
  wakeForRetry(ms: number): void {
    const at = Date.now() + ms;
    if (this.#stopped || at >= this.#retryAt) return;
    clearTimeout(this.#retryTimer);
    this.#retryAt = at;
    this.#retryTimer = setTimeout(() => void this.#takeDue(), ms);
  }

  readonly #onClose = () => {
    this.#epoch.abort(new Error('the connection was lost'));
    this.#epoch = new AbortController();
  };

  readonly #onReady = () => void this.#refill();

  /** A reply was lost that may have given entries to this consumer: they are pending, and nobody here knows of them. */
  suspectMore(): void {
    this.#more = true;
  }

  /** Reads the pending list again where entries were left there: beyond the limit, interrupted, or never heard of. */
  catchUp(): void {
    if (this.#more && this.#inFlight.size < IN_FLIGHT_MAX / 2) void this.#refill();
  }

  async #work(entry: HandedBack, signal: AbortSignal): Promise<void> {
    const { logger } = this.#channel;
    try {
      // The failure is already known where it happened in the drain: count it instead of failing once more at once.
      if (entry.why === 'FAILED') await this.#failures.failed(entry.id, entry.detail, undefined);
      else await this.#attempt(entry.id, signal);
    } catch (error) {
      // Redis is away or refuses: the entry is pending there, and read again after a heartbeat.
      if (!signal.aborted) logger.warn({ err: error, eventId: entry.id }, 'a handed-back entry was interrupted');
      this.#more = true;
    } finally {
      // Dropped with its connection: where the work took no notice, the list was read again before this was over.
      if (signal.aborted || this.#givenAgain.delete(entry.id)) this.#more = true;
      this.#inFlight.delete(entry.id);
      this.#channel.metrics.inFlight.dec({ group: this.#channel.group });
    }
  }

  async #attempt(id: string, signal: AbortSignal): Promise<void> {
    const { redis, keys, scripts, tag, group } = this.#channel;
    const [found] = await redis.xrange(keys.log, id, id);
    if (!found) return this.#failures.bury(id, 'TRIMMED', 'the entry was trimmed while it was pending');
    const fields = entryFields(found[1]);
    const newer = newerVersion(fields);
    if (newer !== undefined) return this.#failures.failed(id, newer, undefined);
    const parsed = parseEvent(fields);
    if (!parsed.ok) return this.#failures.bury(id, 'MALFORMED', parsed.problem);

    const prepared = await this.#prepare(id, parsed.event, signal);
    if (prepared === undefined || signal.aborted) return;

    const { word, rest } = await scripts.run(
      redis,
      this.#options.handle,
      { log: keys.log, retry: keys.retry },
      { tag, group, id, prepared },
    );
    await this.#conclude(id, parsed.event, word, rest.map(String));
  }

  /** The work outside Redis: its result for the script, or undefined where it failed (counted) or was interrupted. */
  async #prepare(id: string, event: SagaEvent, signal: AbortSignal): Promise<string | undefined> {
    try {
      return (await this.#options.handlers[event.eventType]?.(event, signal)) ?? '';
    } catch (error) {
      if (!signal.aborted) await this.#failures.failed(id, messageOf(error), event);
      return undefined;
    }
  }

  async #conclude(id: string, event: SagaEvent, word: string, rest: readonly string[]): Promise<void> {
    const { metrics, group, tag } = this.#channel;
    switch (word) {
      case 'DONE': {
        const [outcome = '', orderId = '', age = '0', report = ''] = rest;
        this.#options.outcomes.countHandled(id, orderId, outcome, Number(age));
        this.#options.incidents.clear(tag, id);
        if (report !== '') this.#options.onReports([report]);
        return;
      }
      case 'FAILED':
        return this.#failures.failed(id, rest[0] ?? '', event);
      case 'REFUSED':
        return this.#failures.bury(id, 'MALFORMED', `${rest[0]} is refused`);
      case 'TRIMMED':
        return this.#failures.bury(id, 'TRIMMED', 'the entry was trimmed while it was pending');
      case 'DUPLICATE':
        this.#options.incidents.clear(tag, id);
        return metrics.duplicates.inc({ group });
    }
  }

  async #takeDue(): Promise<void> {
    this.#retryAt = Number.POSITIVE_INFINITY;
    const { redis, keys, scripts, tag, group, consumer, logger } = this.#channel;
    try {
      const args = { tag, group, consumer, countMax: CLAIM_COUNT_MAX, backoffMsMax: BACKOFF_MS_MAX };
      const { rest } = await scripts.run(redis, takeDue, { log: keys.log, retry: keys.retry }, args);
      const [taken, nextMs] = rest as [string[], string];
      this.take(taken.map((id) => ({ id, why: 'RETRY', detail: '' })));
      if (nextMs !== '') this.wakeForRetry(Number(nextMs));
    } catch (error) {
      // The next heartbeat says again when a retry is due; those that were taken and not told of wait for nothing any more.
      this.suspectMore();
      logger.warn({ err: error }, 'taking due retries failed');
    }
  }

  /** Reads this consumer's pending list, past what is in flight, until there is no room or no more. */
  async #refill(): Promise<void> {
    if (this.#refilling || this.#stopped || this.#channel.redis.status !== 'ready') return;
    this.#refilling = true;
    this.#more = false;
    const { redis, keys, scripts, group, consumer, logger } = this.#channel;
    try {
      let after = '-';
      while (after !== '' && this.#inFlight.size < IN_FLIGHT_MAX) {
        const args = { group, consumer, after, countMax: CLAIM_COUNT_MAX };
        const { rest } = await scripts.run(redis, ownPending, { log: keys.log, retry: keys.retry }, args);
        const [ids, next] = rest as [string[], string];
        this.take(ids.map((id) => ({ id, why: 'OWN', detail: '' })));
        after = next;
      }
      if (after !== '') this.#more = true;
    } catch (error) {
      this.#more = true;
      logger.warn({ err: error }, 'reading the own pending list failed');
    } finally {
      this.#refilling = false;
    }
  }
}

const roomFor = ({ why }: HandedBack) =>
  why === 'FAILED' || why === 'RETRY' ? IN_FLIGHT_MAX + IN_FLIGHT_RETRIES_MAX : IN_FLIGHT_MAX;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
