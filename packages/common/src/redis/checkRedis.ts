import type { ServiceConfig } from 'common/config/readConfig';
import { StartRefusal } from 'common/config/startRefusal';
import type { Partition } from 'common/partition/partition';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Connections } from './connections.ts';

const VERSION_MIN = 7;

/** Kept with the data: the number of partitions is part of where every key lies. */
const PARTITIONS_KEY = 'choreography.deadline.partitions';

/**
 * Holds the server against what the saga needs, before anything is read or written.
 *
 * @throws StartRefusal that names the cause and the cure
 */
export async function checkRedis(
  { connections }: { connections: Connections; partitions: readonly Partition[] },
  config: ServiceConfig,
  logger: Logger,
): Promise<void> {
  const redis = connections.commands;
  const info = await redis.info();
  const field = (name: string) => new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(info)?.[1] ?? '';

  const version = field('valkey_version') || field('redis_version');
  if (Number.parseInt(version, 10) < VERSION_MIN) {
    throw new StartRefusal(`Redis ${version} is too old: 7.0 or later is needed (scripts with flags)`);
  }
  if (field('role') !== 'master') {
    throw new StartRefusal('this Redis is a replica: set REDIS_URL to its master');
  }
  const policy = field('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new StartRefusal(`maxmemory-policy is ${policy}: set it to noeviction, or Redis may drop half an order`);
  }
  await checkPartitions(redis, config.partitions);
  if (field('aof_enabled') !== '1') logger.warn('appendonly is off: what was answered is lost when Redis dies');
}

async function checkPartitions(redis: Redis, partitions: number): Promise<void> {
  await redis.setnx(PARTITIONS_KEY, partitions);
  const stored = await redis.get(PARTITIONS_KEY);
  if (Number(stored) !== partitions) {
    throw new StartRefusal(`PARTITIONS is ${partitions}, but this Redis holds ${stored}: set PARTITIONS=${stored}`);
  }
}
