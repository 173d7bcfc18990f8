import { Retention } from 'common/actor/retention';
import { actorService } from 'common/process/actorService';
import { foundation } from 'common/process/foundation';
import type { Service, ServiceContext } from 'common/process/service';
import { addAccountRoutes } from './accountRoutes.ts';
import { createPointActor } from './actor.ts';
import { pointIntake } from './pointIntake.ts';
import { pointRights } from './rights.ts';
import { transactionSweep } from './scripts/sweepTransactions.ts';
import { TRANSACTION_STATUSES } from './transaction.ts';
import { addTransactionRoutes } from './transactionRoutes.ts';

/** The point service: keeps users' accounts, takes what an order costs, and gives it back when the order is rejected. */
export function createPointService(context: ServiceContext): Service {
  const base = foundation(context);
  const { retentionMs } = context.config;
  const sweeps = TRANSACTION_STATUSES.map((status) => [
    `transactions ${status}`,
    transactionSweep(base, status, retentionMs),
  ]);
  return actorService({
    context,
    foundation: base,
    title: 'Point',
    description: "Users' points, and what became of each order's",
    actor: createPointActor(context, base),
    rights: pointRights,
    addRoutes: (app) => {
      addAccountRoutes(app, base, pointIntake(base, retentionMs));
      addTransactionRoutes(app, base);
    },
    background: [new Retention({ ...context, ...base, sweeps: Object.fromEntries(sweeps) })],
  });
}
