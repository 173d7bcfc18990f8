import { join } from 'node:path';
import { type Actor, createActor } from 'common/actor/actor';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import { transitions } from './transitions.ts';

/** Events in: which script decides on which. */
export const orderActor = {
  group: 'order',
  table: transitions,
  scriptsFolder: join(import.meta.dirname, 'scripts'),
  transitionFiles: {
    PointUsed: 'approve',
    PointUseFailed: 'reject',
    ExchangeFailed: 'reject',
    DeadlineReached: 'reject',
  },
} as const;

export function createOrderActor({ logger, registry }: ServiceContext, foundation: Foundation): Actor {
  return createActor({ ...foundation, ...orderActor, logger, registry });
}
