import type { ActorMetrics } from './actorMetrics.ts';

export type Incident = {
  /** The tag of the partition whose log has the event: ids are its own. */
  partition: string;
  eventId: string;
  eventType: string;
  orderId: string | number | undefined;
  attempts: number;
  cause: string;
};

/** How many incidents are kept to be shown; all of them are in the log and in the retry set. */
const SHOWN_MAX = 100;

/** Compensations that keep failing: never given up, so that somebody must be told. Cleared once an attempt succeeded. */
export class Incidents {
  readonly #open = new Map<string, Incident>();
  readonly #metrics: ActorMetrics;
  readonly #group: string;

  constructor(metrics: ActorMetrics, group: string) {
    this.#metrics = metrics;
    this.#group = group;
  }

  raise(incident: Incident): void {
    const key = keyOf(incident.partition, incident.eventId);
    if (this.#open.size < SHOWN_MAX || this.#open.has(key)) this.#open.set(key, incident);
    this.#show();
  }

  clear(partition: string, eventId: string): void {
    if (this.#open.delete(keyOf(partition, eventId))) this.#show();
  }

  list(): Incident[] {
    return [...this.#open.values()];
  }

  /** The events of one partition that are shown. */
  eventIdsOf(partition: string): string[] {
    return this.list().flatMap((incident) => (incident.partition === partition ? [incident.eventId] : []));
  }

  #show(): void {
    this.#metrics.incidents.set({ group: this.#group }, this.#open.size);
  }
}

const keyOf = (partition: string, eventId: string) => `${partition} ${eventId}`;
