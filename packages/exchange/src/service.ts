import { Retention } from 'common/actor/retention';
import { actorService } from 'common/process/actorService';
import { foundation } from 'common/process/foundation';
import type { Service, ServiceContext } from 'common/process/service';
import { createExchangeActor } from './actor.ts';
import { EXCHANGE_STATUSES } from './exchange.ts';
import { exchangeRights } from './rights.ts';
import { addRoutes } from './routes.ts';
import { exchangeSweep } from './scripts/sweepExchanges.ts';

/** The exchange service: prices every order, and takes the exchange of a rejected one back. */
export function createExchangeService(context: ServiceContext): Service {
  const base = foundation(context);
  const { retentionMs } = context.config;
  const sweeps = EXCHANGE_STATUSES.map((status) => [`exchanges ${status}`, exchangeSweep(base, status, retentionMs)]);
  return actorService({
    context,
    foundation: base,
    title: 'Exchange',
    description: 'What an order costs in points, and what became of its exchange',
    actor: createExchangeActor(context, base),
    rights: exchangeRights,
    addRoutes: (app) => addRoutes(app, base),
    background: [new Retention({ ...context, ...base, sweeps: Object.fromEntries(sweeps) })],
  });
}
