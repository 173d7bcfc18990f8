import { deadKey, logKey } from 'common/events/keys';
import { checkLog } from 'common/redis/checkLog';
import { checkPartitions, checkRedis, PARTITIONS_KEY } from 'common/redis/checkRedis';
import { checkRights } from 'common/redis/checkRights';
import { needsOf, type Rights } from 'common/script/rights';
import type { Foundation } from './foundation.ts';
import type { ServiceContext } from './service.ts';

/** What every service asks Redis at its start and for /healthz, whatever it does else. */
export const STANDING_RIGHTS: Rights = {
  scripts: [],
  commands: ['TYPE', 'GET', 'SETNX', 'XINFO STREAM', 'XREVRANGE'],
  keys: () => [{ key: PARTITIONS_KEY, type: 'string' }],
};

/**
 * Everything that must hold before a service reads or writes anything: the server, the rights of its user, the number of
 * partitions, the log and the clock.
 *
 * @throws StartRefusal that names the cause and the cure in one line
 */
export async function checkStart(
  { config, logger }: ServiceContext,
  { connections, partitions, scripts }: Foundation,
  rights: readonly Rights[],
): Promise<void> {
  const redis = connections.commands;
  const tags = partitions.map(({ tag }) => tag);
  await checkRedis(redis, logger);
  await checkRights(redis, needsOf([STANDING_RIGHTS, ...rights], scripts, tags), logger);
  await checkPartitions(redis, config.partitions);
  for (const tag of tags) await checkLog(redis, { log: logKey(tag), dead: deadKey(tag) });
}
