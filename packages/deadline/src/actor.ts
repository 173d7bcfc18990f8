import { join } from 'node:path';
import { type Actor, type ActorOptions, createActor } from 'common/actor/actor';
import type { Foundation } from 'common/process/foundation';
import type { ServiceContext } from 'common/process/service';
import { transitions } from './transitions.ts';

/** Events in: which script decides on which. */
export const deadlineActor = {
  group: 'deadline',
  table: transitions,
  scriptsFolder: join(import.meta.dirname, 'scripts'),
  transitionFiles: { OrderCreated: 'schedule', OrderPlaced: 'cancel', OrderRejected: 'cancel' },
} as const;

/** @param onReports hears of the wake-ups that scheduled deadlines need (`wakeUp.ts`) */
export function createDeadlineActor(
  { logger, registry }: ServiceContext,
  foundation: Foundation,
  onReports: NonNullable<ActorOptions['onReports']>,
): Actor {
  return createActor({ ...foundation, ...deadlineActor, onReports, logger, registry });
}
