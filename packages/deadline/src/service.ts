import { Retention } from 'common/actor/retention';
import { actorService } from 'common/process/actorService';
import { foundation } from 'common/process/foundation';
import type { Service, ServiceContext } from 'common/process/service';
import { createDeadlineActor } from './actor.ts';
import { dueDrain } from './dueDrain.ts';
import { dueSweep } from './dueSweep.ts';
import { deadlineRights } from './rights.ts';
import { addRoutes } from './routes.ts';
import { deadlineSweep } from './scripts/sweepDeadlines.ts';
import { wakeUpOf } from './wakeUp.ts';
import { WakeUps } from './wakeUps.ts';

/** Which of the service's two rings run; the set `due`, which both look at, always does. */
export type Rings = { wakeUps: boolean; sweep: boolean };

/** The deadline service: says so when an order's time is over and nobody has settled it. */
export function createDeadlineService(context: ServiceContext): Service {
  return deadlineService(context, { wakeUps: true, sweep: true });
}

/** The same with some of its rings, each of which must do alone. */
export function deadlineService(context: ServiceContext, rings: Rings): Service {
  const base = foundation(context);
  const { retentionMs } = context.config;
  const drain = dueDrain(context, base);
  const wakeUps = new WakeUps(context, base, drain);
  const sweep = dueSweep(context, base, drain, (next, partition) => wakeUps.insist(next, partition));
  return actorService({
    context,
    foundation: base,
    title: 'Deadline',
    description: 'When the time of each order is over',
    actor: createDeadlineActor(context, base, (reports, partition) => wakeUps.ask(reports.map(wakeUpOf), partition)),
    rights: deadlineRights,
    addRoutes: (app) => addRoutes(app, base),
    background: [
      new Retention({ ...context, ...base, sweeps: { deadlines: deadlineSweep(base, retentionMs) } }),
      ...(rings.wakeUps ? [wakeUps] : []),
      ...(rings.sweep ? [sweep] : []),
    ],
  });
}
