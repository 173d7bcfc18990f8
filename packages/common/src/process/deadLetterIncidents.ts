import { type DeadLetter, DeadLetters } from 'common/deadLetters/deadLetters';
import { gauge } from 'common/telemetry/metrics';
import type { Foundation } from './foundation.ts';
import type { ServiceContext } from './service.ts';

/** Dead letters that were never given an attempt: something is wrong that waiting does not mend. */
const INCIDENT_REASONS: readonly string[] = ['STALE', 'MALFORMED', 'TRIMMED'];

/** The newest dead letters of a partition that are looked at: an incident is for people, who look at some. */
const NEWEST = { from: '+', newestFirst: true, count: 500 } as const;
const SHOWN_MAX = 10;

export type DeadLetterIncident = Pick<DeadLetter, 'partition' | 'id' | 'reason' | 'cause' | 'originalId'> & {
  /** When it was given up: ISO 8601. */
  at: string;
  orderId: string | undefined;
};

/** The incidents among a group's dead letters, newest first, as /healthz shows them; a gauge counts them. */
export function deadLetterIncidents(
  { registry }: ServiceContext,
  { connections, partitions, scripts }: Foundation,
  group: string,
): () => Promise<DeadLetterIncident[]> {
  const redis = connections.commands;
  const letters = new DeadLetters(redis, scripts, partitions);
  const find = async () => {
    const newest = await Promise.all(partitions.map((partition) => letters.read(partition, NEWEST)));
    const isIncident = (letter: DeadLetter) => letter.group === group && INCIDENT_REASONS.includes(letter.reason);
    return newest.flat().filter(isIncident);
  };
  gauge(registry, {
    name: 'saga_dead_letter_incidents',
    help: 'Dead letters of this service that no attempt could have saved: malformed, stale or trimmed',
    async collect() {
      if (redis.status === 'ready')
        this.set(
          await find().then(
            ({ length }) => length,
            () => Number.NaN,
          ),
        );
    },
  });
  return async () => {
    const found = await find();
    return found
      .sort((a, b) => b.at - a.at)
      .slice(0, SHOWN_MAX)
      .map(shown);
  };
}

const shown = ({ partition, id, reason, cause, originalId, at, fields }: DeadLetter): DeadLetterIncident => ({
  ...{ partition, id, reason, cause, originalId },
  at: new Date(at).toISOString(),
  orderId: fields.orderId,
});
