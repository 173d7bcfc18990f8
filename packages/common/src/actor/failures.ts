import type { EventType } from 'common/events/catalog';
import { entryFields, type SagaEvent } from 'common/events/sagaEvent';
import type { Channel } from './channel.ts';
import type { Incidents } from './incidents.ts';
import { ATTEMPTS_MAX, BACKOFF_MS, BACKOFF_MS_MAX, INCIDENT_ATTEMPTS } from './limits.ts';
import { bury, postpone } from './scripts/pendingScripts.ts';

/** What happens to an entry that could not be handled: another attempt later, or the dead letters. */
export class Failures {
  readonly #channel: Channel;
  readonly #compensations: readonly string[];
  readonly #incidents: Incidents;
  readonly #wakeForRetry: (ms: number) => void;

  constructor(
    channel: Channel,
    compensations: readonly EventType[],
    incidents: Incidents,
    wakeForRetry: (ms: number) => void,
  ) {
    this.#channel = channel;
    this.#compensations = compensations;
    this.#incidents = incidents;
    this.#wakeForRetry = wakeForRetry;
  }

  /** Counts a failed attempt; a compensation has no last one, for giving it up would leave half an order behind. */
  async failed(id: string, cause: string, event: SagaEvent | undefined): Promise<void> {
    const { redis, keys, scripts, tag, group, consumer, logger, metrics } = this.#channel;
    const eventType = event?.eventType ?? (await this.#eventTypeOf(id));
    const tireless = this.#compensations.includes(eventType);
    const { word, rest } = await scripts.run(
      redis,
      postpone,
      { log: keys.log, retry: keys.retry },
      {
        tag,
        group,
        consumer,
        id,
        cause,
        attemptsMax: tireless ? 0 : ATTEMPTS_MAX,
        backoffMs: BACKOFF_MS,
        backoffMsMax: BACKOFF_MS_MAX,
      },
    );
    const [attempts, delayMs] = rest.map(Number);
    const line = { eventId: id, orderId: event?.orderId, eventType, attempts, cause };
    if (word === 'POSTPONED') {
      metrics.retries.inc({ group });
      this.#wakeForRetry(delayMs ?? BACKOFF_MS);
      if (tireless && Number(attempts) >= INCIDENT_ATTEMPTS) {
        this.#incidents.raise({ eventId: id, eventType, attempts: Number(attempts), cause });
        logger.error(line, 'a compensation keeps failing: it is retried for ever, and needs somebody to look');
      } else logger.warn({ ...line, delayMs }, 'failed, will be tried again');
    }
    if (word === 'BURIED') {
      metrics.deadLetters.inc({ group, reason: 'FAILED' });
      logger.error(line, 'failed for the last time: it is a dead letter now');
    }
  }

  /** Straight to the dead letters: another attempt could not end differently. */
  async bury(id: string, reason: 'MALFORMED' | 'TRIMMED', cause: string): Promise<void> {
    const { redis, keys, scripts, tag, group, logger, metrics } = this.#channel;
    const { word } = await scripts.run(
      redis,
      bury,
      { log: keys.log, retry: keys.retry },
      { tag, group, id, reason, cause },
    );
    if (word === 'DUPLICATE') return;
    metrics.deadLetters.inc({ group, reason });
    this.#incidents.clear(id);
    logger.error({ eventId: id, reason, cause }, 'an entry is a dead letter');
  }

  async #eventTypeOf(id: string): Promise<string> {
    const [found] = await this.#channel.redis.xrange(this.#channel.keys.log, id, id);
    return entryFields(found?.[1] ?? []).eventType ?? '';
  }
}
