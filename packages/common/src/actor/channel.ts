import type { Group } from 'common/events/keys';
import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { ActorMetrics } from './actorMetrics.ts';

/** One actor in one partition, as its loops see it: who it is, where it reads, what it runs scripts with. */
export type Channel = {
  group: Group;
  consumer: string;
  tag: string;
  keys: { log: string; retry: string; lease: string };
  scripts: ScriptRunner;
  /** The connection of everything that does not block. */
  redis: Redis;
  logger: Logger;
  metrics: ActorMetrics;
};
