import { join } from 'node:path';
import { type Actor, createActor } from 'common/actor/actor';
import type { ServiceConfig } from 'common/config/readConfig';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import { transitions } from './transitions.ts';

/** Events in: which script decides on which. */
export const pointActor = {
  group: 'point',
  table: transitions,
  scriptsFolder: join(import.meta.dirname, 'scripts'),
  transitionFiles: { ExchangeSucceed: 'usePoints', ExchangeCompensated: 'refundPoints' },
} as const;

/** The numbers of the configuration that its scripts know. */
export const pointSettings = (config: Pick<ServiceConfig, 'retentionMs'>) => ({ RETENTION_MS: config.retentionMs });

export function createPointActor({ config, logger, registry }: ServiceContext, foundation: Foundation): Actor {
  return createActor({ ...foundation, ...pointActor, settings: pointSettings(config), logger, registry });
}
