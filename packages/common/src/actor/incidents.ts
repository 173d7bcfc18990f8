import type { ActorMetrics } from './actorMetrics.ts';

export type Incident = { eventId: string; eventType: string; attempts: number; cause: string };

/** How many incidents are kept to be shown; all of them are in the log and in the retry set. */
const SHOWN_MAX = 100;

/** Compensations that keep failing: never given up, so that somebody must be told. Cleared by the attempt that succeeds. */
export class Incidents {
  readonly #open = new Map<string, Incident>();
  readonly #metrics: ActorMetrics;
  readonly #group: string;

  constructor(metrics: ActorMetrics, group: string) {
    this.#metrics = metrics;
    this.#group = group;
  }

  raise(incident: Incident): void {
    if (this.#open.size < SHOWN_MAX || this.#open.has(incident.eventId)) this.#open.set(incident.eventId, incident);
    this.#show();
  }

  clear(eventId: string): void {
    if (this.#open.delete(eventId)) this.#show();
  }

  list(): Incident[] {
    return [...this.#open.values()];
  }

  #show(): void {
    this.#metrics.incidents.set({ group: this.#group }, this.#open.size);
  }
}
