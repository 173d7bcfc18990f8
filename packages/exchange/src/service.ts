import { actorService } from 'common/process/actorService';
import { foundation } from 'common/process/foundation';
import type { Service, ServiceContext } from 'common/process/service';
import { createExchangeActor } from './actor.ts';
import { addRoutes } from './routes.ts';

/** The exchange service: prices every order, and takes the exchange of a rejected one back. */
export function createExchangeService(context: ServiceContext): Service {
  const base = foundation(context);
  return actorService({
    context,
    foundation: base,
    title: 'Exchange',
    description: 'What an order costs in points, and what became of its exchange',
    actor: createExchangeActor(context, base),
    addRoutes: (app) => addRoutes(app, base),
  });
}
