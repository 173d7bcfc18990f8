import { StartRefusal } from 'common/config/startRefusal';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

const VERSION_MIN = 7;

/** Measured on a busy machine: half of all blocking waits end 40 ms late at `hz 10`, Redis' own default, 9 ms at 100. */
const HZ_MIN = 100;

/** Kept with the data: the number of partitions is part of where every key lies. */
export const PARTITIONS_KEY = 'choreography.deadline.partitions';

/**
 * Holds the server against what the saga needs, before anything is read or written.
 *
 * @throws StartRefusal that names the cause and the cure
 */
export async function checkRedis(redis: Redis, logger: Logger): Promise<void> {
  const info = await redis.info().catch(infoForbidden);
  const field = (name: string) => new RegExp(`^${name}:([^\r\n]*)`, 'm').exec(info)?.[1] ?? '';
  const refusal = unfitServer(field);
  if (refusal !== undefined) throw new StartRefusal(refusal);
  for (const warning of warningsOf(field)) logger.warn(warning);
}

/** What an operator should know of a server that can carry the saga, though not as well as it could. */
export function warningsOf(field: (name: string) => string): string[] {
  const warnings: string[] = [];
  if (field('aof_enabled') !== '1') warnings.push('appendonly is off: what was answered is lost when Redis dies');
  const hz = Number.parseInt(field('hz'), 10);
  // Redis ends blocking waits at steps of 1/hz, and BullMQ wakes up by one.
  if (hz < HZ_MIN)
    warnings.push(`hz is ${hz}: deadlines may fire ${Math.ceil(1_000 / hz)} ms late; CONFIG SET hz ${HZ_MIN}`);
  return warnings;
}

/**
 * Why a server can not carry the saga, undefined where it can.
 *
 * @param field what INFO says under a name, '' where it does not know it
 */
export function unfitServer(field: (name: string) => string): string | undefined {
  const version = field('valkey_version') || field('redis_version');
  if (!(Number.parseInt(version, 10) >= VERSION_MIN)) {
    return `Redis ${version} is too old: its scripts have no flags; use Redis 7.0 or later, or Valkey`;
  }
  if (field('role') !== 'master') return 'this Redis is a replica: set REDIS_URL to its master';
  const policy = field('maxmemory_policy');
  if (policy === 'noeviction') return undefined;
  return `maxmemory-policy is ${policy}, and Redis may drop half an order: CONFIG SET maxmemory-policy noeviction`;
}

function infoForbidden(error: Error): never {
  if (!error.message.startsWith('NOPERM')) throw error;
  throw new StartRefusal(
    `this Redis user lacks a right that is needed, INFO (${error.message}): give it with ACL SETUSER, ` +
      'docs/operations.md lists all of them',
  );
}

/**
 * Remembers with the data how many partitions there are, or holds it against what was remembered.
 *
 * @throws StartRefusal where they are not as many
 */
export async function checkPartitions(redis: Redis, partitions: number): Promise<void> {
  // Read first: at maxmemory nothing new may be written, and a service has to come back all the same.
  let stored = await redis.get(PARTITIONS_KEY).catch(ofAnotherType);
  if (stored === null) {
    await redis.setnx(PARTITIONS_KEY, partitions);
    stored = await redis.get(PARTITIONS_KEY);
  }
  if (!/^[1-9]\d*$/.test(stored ?? '')) throw foreignPartitions(`holds '${stored}'`);
  if (Number(stored) !== partitions) {
    throw new StartRefusal(`PARTITIONS is ${partitions}, but this Redis holds ${stored}: set PARTITIONS=${stored}`);
  }
}

function ofAnotherType(error: Error): never {
  throw error.message.startsWith('WRONGTYPE') ? foreignPartitions('is no string') : error;
}

const foreignPartitions = (what: string) =>
  new StartRefusal(
    `${PARTITIONS_KEY} ${what}, not a number of partitions: another program uses this Redis; give the saga its own (REDIS_URL)`,
  );
