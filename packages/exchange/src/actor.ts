import { join } from 'node:path';
import { type Actor, createActor } from 'common/actor/actor';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import { delay } from './delays.ts';
import { transitions } from './transitions.ts';

/** Events in: which script decides on which. */
export function createExchangeActor({ config, logger, registry }: ServiceContext, foundation: Foundation): Actor {
  return createActor({
    ...foundation,
    group: 'exchange',
    table: transitions,
    scriptsFolder: join(import.meta.dirname, 'scripts'),
    transitionFiles: { OrderCreated: 'recordExchange', OrderRejected: 'compensateExchange' },
    settings: { RETENTION_MS: config.retentionMs },
    handlers: { OrderCreated: delay },
    logger,
    registry,
  });
}
