import { Retention } from 'common/actor/retention';
import { actorService } from 'common/process/actorService';
import { foundation } from 'common/process/foundation';
import type { Service, ServiceContext } from 'common/process/service';
import { createOrderActor } from './actor.ts';
import { createAdmission } from './admission.ts';
import { logTails } from './logTails.ts';
import { ORDER_STATUSES } from './order.ts';
import { orderIntake } from './orderIntake.ts';
import { overdueSweep } from './overdueSweep.ts';
import { orderRights } from './rights.ts';
import { addRoutes } from './routes.ts';
import { orderSweep } from './scripts/sweepOrders.ts';

/** The order service: takes orders in, and says once and for all what became of each. */
export function createOrderService(context: ServiceContext): Service {
  const base = foundation(context);
  const admission = createAdmission(context, base);
  const tails = logTails(base);
  const { retentionMs } = context.config;
  const settled = ORDER_STATUSES.filter((status) => status !== 'PENDING');
  const sweeps = settled.map((status) => [`orders ${status}`, orderSweep(base, status, retentionMs)]);
  const intake = orderIntake(base, context.config, admission.admits);
  return actorService({
    context,
    foundation: base,
    title: 'Order',
    description: 'Places orders, and tells how they ended',
    actor: createOrderActor(context, base),
    rights: orderRights,
    addRoutes: (app) => addRoutes(app, base, { intake, tails }),
    background: [
      overdueSweep(context, base),
      admission,
      tails,
      new Retention({ ...context, ...base, sweeps: Object.fromEntries(sweeps) }),
    ],
  });
}
