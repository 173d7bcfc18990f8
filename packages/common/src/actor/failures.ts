import type { EventType } from 'common/events/catalog';
import { entryFields, type SagaEvent } from 'common/events/sagaEvent';
import type { Channel } from './channel.ts';
import type { Incidents } from './incidents.ts';
import { ATTEMPTS_MAX, BACKOFF_MS, BACKOFF_MS_MAX, INCIDENT_ATTEMPTS } from './limits.ts';
import { bury, postpone } from './scripts/pendingScripts.ts';

/** What a dead letter tells of its cause at most: an error may quote all that a broken record holds. */
const CAUSE_CHARS_MAX = 1_000;

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
  async failed(id: string, error: string, event: SagaEvent | undefined): Promise<void> {
    const { redis, keys, scripts, tag, group, consumer, logger, metrics } = this.#channel;
    const { eventType = '', orderId } = event ?? (await this.#fieldsOf(id));
    const cause = error.slice(0, CAUSE_CHARS_MAX);
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
    const attempts = Number(rest[0]);
    const line = { eventId: id, orderId, eventType, attempts, cause };
    if (word === 'POSTPONED') {
      const delayMs = Number(rest[1]);
      metrics.retries.inc({ group });
      this.#wakeForRetry(delayMs);
      if (tireless && attempts >= INCIDENT_ATTEMPTS) {
        this.#incidents.raise({ partition: tag, ...line });
        logger.error(line, 'a compensation keeps failing: it is retried for ever, and needs somebody to look');
      } else logger.warn({ ...line, delayMs }, 'failed, will be tried again');
    }
    if (word === 'BURIED') {
      metrics.deadLetters.inc({ group, reason: String(rest[1]) });
      this.#incidents.clear(tag, id);
      logger.error({ ...line, reason: rest[1] }, 'failed for the last time: it is a dead letter now');
    }
  }

  /** Straight to the dead letters: another attempt could not end differently. */
  async bury(id: string, reason: 'MALFORMED' | 'TRIMMED', cause: string): Promise<void> {
    const { redis, keys, scripts, tag, group, logger, metrics } = this.#channel;
    const { eventType, orderId } = await this.#fieldsOf(id);
    const { word } = await scripts.run(
      redis,
      bury,
      { log: keys.log, retry: keys.retry },
      { tag, group, id, reason, cause },
    );
    if (word === 'DUPLICATE') return;
    metrics.deadLetters.inc({ group, reason });
    this.#incidents.clear(tag, id);
    logger.error({ eventId: id, orderId, eventType, reason, cause }, 'an entry is a dead letter');
  }

  /** Empty where it was trimmed. */
  async #fieldsOf(id: string): Promise<Readonly<Record<string, string | undefined>>> {
    const [found] = await this.#channel.redis.xrange(this.#channel.keys.log, id, id);
    return entryFields(found?.[1] ?? []);
  }
}
