import { actorScripts } from 'common/actor/actorScripts';
import type { Sweep } from 'common/actor/retention';
import { GROUPS, type Group, logKey } from 'common/events/keys';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { TransitionTable } from 'common/transitions/table';
import { deadlineActor } from 'deadline/actor';
import { deadlineSweep } from 'deadline/scripts/sweepDeadlines';
import { exchangeActor } from 'exchange/actor';
import { EXCHANGE_STATUSES } from 'exchange/exchange';
import { exchangeSweep } from 'exchange/scripts/sweepExchanges';
import type { Redis } from 'ioredis';
import { orderActor } from 'order/actor';
import { ORDER_STATUSES } from 'order/order';
import { orderSweep } from 'order/scripts/sweepOrders';
import { pointActor } from 'point/actor';
import { transactionSweep } from 'point/scripts/sweepTransactions';
import { TRANSACTION_STATUSES } from 'point/transaction';
import { type Edit, PlantedRunner } from '../kit/plantedRunner.ts';
import { VirtualClock, virtualClockLua } from '../kit/virtualClock.ts';
import { RETENTION_MS } from './command.ts';
import { PARTITIONS } from './place.ts';

type ActorOnStage = ReturnType<typeof actorScripts> & { table: TransitionTable };

/** What every story is played with: the shipped scripts, but for the clock (and a planted fault, where there is one). */
export type Stage = {
  redis: Redis;
  runner: ScriptRunner;
  actors: Readonly<Record<Group, ActorOnStage>>;
  sweeps: readonly Sweep[];
  /** How often each row of the tables was played, as `group: outcome`. */
  played: Map<string, number>;
};

/** @param faults changes of shipped Lua files */
export function createStage(redis: Redis, faults: readonly Edit[] = []): Stage {
  const runner = new PlantedRunner({ clock: virtualClockLua }, faults);
  const scripts = ({ table, scriptsFolder, transitionFiles }: AnyActor) => ({
    table,
    ...actorScripts(table, scriptsFolder, transitionFiles, { RETENTION_MS }),
  });
  const access = { connections: { commands: redis }, scripts: runner };
  return {
    redis,
    runner,
    actors: {
      order: scripts(orderActor),
      exchange: scripts(exchangeActor),
      point: scripts(pointActor),
      deadline: scripts(deadlineActor),
    },
    played: new Map(),
    sweeps: [
      ...ORDER_STATUSES.slice(1).map((status) => orderSweep(access, status, RETENTION_MS)),
      ...EXCHANGE_STATUSES.map((status) => exchangeSweep(access, status, RETENTION_MS)),
      ...TRANSACTION_STATUSES.map((status) => transactionSweep(access, status, RETENTION_MS)),
      deadlineSweep(access, RETENTION_MS),
    ],
  };
}

type AnyActor = typeof orderActor | typeof exchangeActor | typeof pointActor | typeof deadlineActor;

/**
 * When every story begins: later than any real clock shows, for Redis makes the id of an entry from its own clock or, where
 * that is behind, from the id before it. So that ids are of the story's time, and what is trimmed is the same on any machine.
 */
export const BEGINNING_MS = Date.UTC(2100, 0);

/** Empties Redis for the next story. */
export async function clearStage({ redis }: Stage): Promise<void> {
  await redis.flushall('ASYNC');
  for (const { tag } of PARTITIONS) {
    for (const group of GROUPS) await redis.xgroup('CREATE', logKey(tag), group, '0', 'MKSTREAM');
  }
}

/** Sets the clock of scripts, forwards or back, and that of the log's ids, which never goes back. */
export async function setTime({ redis }: Stage, tag: string, now: number, latest: number): Promise<void> {
  await new VirtualClock(redis, tag).set(now);
  if (now > latest) await redis.xsetid(logKey(tag), `${now}-0`);
}
