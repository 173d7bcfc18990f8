import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What one actor tells about itself; one set for all its partitions. */
export function actorMetrics(registry: Registry, group: string) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `saga_actor_${name}`, help, labelNames: ['group', ...labelNames], registers });
  const metrics = {
    outcomes: counter('outcomes_total', 'What was done with events, by row of the table', ['on', 'from', 'to', 'left']),
    passed: counter('passed_total', 'Events that the actor has no transition for'),
    handedBack: counter('handed_back_total', 'Entries given to the slow path, by cause', ['why']),
    duplicates: counter('duplicates_total', 'Handed-back entries that another consumer had done'),
    retries: counter('retries_total', 'Failed attempts that will be repeated'),
    deadLetters: counter('dead_letters_total', 'Entries moved to the dead letters', ['reason']),
    claims: counter('claims_total', 'Entries taken over from dead consumers'),
    lostGroups: counter('lost_groups_total', 'Times that the consumer group was gone and made again'),
    drainErrors: counter('drain_errors_total', 'Drains that failed'),
    age: new Histogram({
      name: 'saga_actor_event_age_seconds',
      help: 'From the timestamp of an event to its effect here',
      labelNames: ['group'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    inFlight: new Gauge({
      name: 'saga_actor_in_flight',
      help: 'Handed-back entries being worked on now',
      labelNames: ['group'],
      registers,
    }),
    incidents: new Gauge({
      name: 'saga_actor_incidents',
      help: 'Compensations that keep failing, and dead letters that were never given a chance (malformed, stale)',
      labelNames: ['group'],
      registers,
    }),
  };
  metrics.inFlight.set({ group }, 0);
  metrics.incidents.set({ group }, 0);
  return metrics;
}

export type ActorMetrics = ReturnType<typeof actorMetrics>;
