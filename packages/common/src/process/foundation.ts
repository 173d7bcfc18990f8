import { type Partition, partitionsOf } from 'common/partition/partition';
import { Connections } from 'common/redis/connections';
import { ScriptRunner } from 'common/script/scriptRunner';
import type { ServiceContext } from './service.ts';

/** What every service stands on: its connections, its partitions, its scripts. */
export type Foundation = { connections: Connections; partitions: Partition[]; scripts: ScriptRunner };

/** The part of it that running a script needs. */
export type ScriptAccess = { connections: Pick<Connections, 'commands'>; scripts: ScriptRunner };

/** Makes the foundation of one service; nothing is connected yet. */
export function foundation({ config, logger }: ServiceContext): Foundation {
  return {
    connections: new Connections(config.redisUrl, config.name, logger),
    partitions: partitionsOf(config.partitions),
    scripts: new ScriptRunner(),
  };
}
