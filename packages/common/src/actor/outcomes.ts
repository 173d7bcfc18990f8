import type { Outcome } from 'common/transitions/table';
import type { Logger } from 'pino';
import type { ActorMetrics } from './actorMetrics.ts';
import type { DrainReport, Trailed } from './scripts/drain.ts';

/** Asserts that what scripts answer are rows of the table, counts them, and logs those worth a line. */
export class Outcomes {
  readonly #group: string;
  readonly #read: (outcome: string) => Outcome;
  readonly #metrics: ActorMetrics;
  /** Looked up once, for that costs more than an observation, and there is one for every event. */
  readonly #age: ReturnType<ActorMetrics['age']['labels']>;
  readonly #logger: Logger;

  constructor(group: string, read: (outcome: string) => Outcome, metrics: ActorMetrics, logger: Logger) {
    this.#group = group;
    this.#read = read;
    this.#metrics = metrics;
    this.#age = metrics.age.labels({ group });
    this.#logger = logger;
  }

  count(report: DrainReport): void {
    for (const { outcome, count } of report.outcomes) this.#countOne(outcome, count);
    for (const age of report.ages) this.#age.observe(age / 1_000);
    for (const { why } of report.handedBack) this.#metrics.handedBack.inc({ group: this.#group, why });
    for (const trailed of report.trail) this.#tell(trailed);
  }

  countHandled(eventId: string, orderId: string, outcome: string, ageMs: number): void {
    this.#countOne(outcome, 1);
    this.#age.observe(ageMs / 1_000);
    this.#tell({ id: eventId, orderId, outcome });
  }

  #countOne(outcome: string, count: number): void {
    if (outcome === 'PASSED') {
      this.#metrics.passed.inc({ group: this.#group }, count);
      return;
    }
    const { on, from, to, left } = this.#read(outcome);
    this.#metrics.outcomes.inc({ group: this.#group, on, from, to, left }, count);
  }

  #tell({ id, orderId, outcome }: Trailed): void {
    const { on, from, to, left } = this.#read(outcome);
    const line = { orderId, eventId: id, on, from, to, left };
    if (from === to && left !== '') this.#logger.info(line, `${on} ignored: ${left}`);
    else this.#logger.debug(line, `${on}: ${from} -> ${to}`);
  }
}
