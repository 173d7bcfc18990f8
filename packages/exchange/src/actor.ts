import { join } from 'node:path';
import { type Actor, createActor } from 'common/actor/actor';
import type { ServiceConfig } from 'common/config/readConfig';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import { delay } from './delays.ts';
import { transitions } from './transitions.ts';

/** Events in: which script decides on which, and what is done before. */
export const exchangeActor = {
  group: 'exchange',
  table: transitions,
  scriptsFolder: join(import.meta.dirname, 'scripts'),
  transitionFiles: { OrderCreated: 'recordExchange', OrderRejected: 'compensateExchange' },
  /** Work outside Redis. */
  handlers: { OrderCreated: delay },
} as const;

/** The numbers of the configuration that its scripts know. */
export const exchangeSettings = (config: ServiceConfig) => ({ RETENTION_MS: config.retentionMs });

export function createExchangeActor({ config, logger, registry }: ServiceContext, foundation: Foundation): Actor {
  return createActor({
    ...foundation,
    ...exchangeActor,
    settings: exchangeSettings(config),
    logger,
    registry,
  });
}
