import { StartRefusal } from 'common/config/startRefusal';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

export type KeyType = 'string' | 'hash' | 'list' | 'zset' | 'stream';

/** A key as the service uses it: one example of each kind of key is enough, for rights are given by pattern. */
export type UsedKey = { key: string; type: KeyType };

/** What a command needs after its key to be complete; a command that is not here takes a key alone. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  SET: ['v'],
  HSET: ['f', 'v'],
  HGET: ['f'],
  HMGET: ['f'],
  LRANGE: ['0', '-1'],
  RPUSH: ['v'],
  RPUSHX: ['v'],
  LTRIM: ['0', '-1'],
  ZADD: ['1', 'm'],
  ZREM: ['m'],
  ZSCORE: ['m'],
  ZRANGE: ['0', '-1'],
  ZRANGEBYSCORE: ['0', '1'],
  ZREVRANGEBYSCORE: ['1', '0'],
  ZREMRANGEBYSCORE: ['0', '1'],
  ZCOUNT: ['0', '1'],
  XADD: ['*', 'f', 'v'],
  XRANGE: ['-', '+'],
  XREVRANGE: ['+', '-'],
  XACK: ['g', '0-1'],
  XDEL: ['0-1'],
  XCLAIM: ['g', 'c', '0', '0-1'],
  XPENDING: ['g'],
  XTRIM: ['MINID', '0'],
};

/** Commands whose key is not their first argument, and those without a key. */
const WHOLE: Readonly<Record<string, (log: string) => readonly string[]>> = {
  XREADGROUP: (log) => ['GROUP', 'g', 'c', 'STREAMS', log, '>'],
  XREAD: (log) => ['STREAMS', log, '0'],
  XGROUP: (log) => ['CREATE', log, 'g', '0'],
  XINFO: (log) => ['STREAM', log],
  EVALSHA: () => ['0000000000000000000000000000000000000000', '0'],
  EVAL: () => ['return 1', '0'],
  TIME: () => [],
  INFO: () => [],
  PING: () => [],
};

/** What a service sends besides its scripts. */
const ALWAYS = ['EVALSHA', 'EVAL', 'XREAD', 'XRANGE', 'XREVRANGE', 'XGROUP', 'XINFO', 'TIME', 'INFO', 'PING'];

const COMMAND = /(?:redis\.call\(|\{ )'([A-Z]{3,})'/g;

/** The commands that a script's text names, in calls and in the writes of plans. */
export function commandsOf(source: string): Set<string> {
  return new Set([...source.matchAll(COMMAND)].map(([, command]) => String(command)));
}

/**
 * Asks Redis whether this user may run every command of the scripts on every kind of key it would touch: a right that is
 * missing in the middle of a script would leave half of it written.
 *
 * @param sources the assembled texts of every script
 * @throws StartRefusal that names user, command and key
 */
export async function checkRights(
  redis: Redis,
  sources: readonly string[],
  keys: readonly UsedKey[],
  log: string,
  logger: Logger,
): Promise<void> {
  const user = String(await redis.call('ACL', 'WHOAMI'));
  const commands = new Set([...ALWAYS, ...sources.flatMap((source) => [...commandsOf(source)])]);
  const runs = [...commands].flatMap((command) => dryRuns(command, keys, log));
  const pipeline = redis.pipeline();
  for (const run of runs) pipeline.call('ACL', 'DRYRUN', user, ...run);
  const replies = (await pipeline.exec()) ?? [];
  for (const [i, [error, reply]] of replies.entries()) {
    if (error?.message.startsWith('NOPERM')) {
      logger.warn('the rights of this Redis user cannot be checked: it may not run ACL DRYRUN');
      return;
    }
    const refusal = error?.message ?? (reply === 'OK' ? undefined : String(reply));
    if (refusal !== undefined) {
      throw new StartRefusal(`Redis user ${user} lacks a right (${runs[i]?.join(' ')}): ${refusal}; see ACL SETUSER`);
    }
  }
}

function dryRuns(command: string, keys: readonly UsedKey[], log: string): (readonly string[])[] {
  const whole = WHOLE[command];
  if (whole) return [[command, ...whole(log)]];
  return keys
    .filter(({ type }) => isFor(command, type))
    .map(({ key }) => [command, key, ...(ARGUMENTS[command] ?? [])]);
}

/** Redis names its commands by the type they are for; a few are for any. */
function isFor(command: string, type: KeyType): boolean {
  switch (command) {
    case 'DEL':
    case 'EXISTS':
      return true;
    case 'GET':
    case 'SET':
      return type === 'string';
    default:
      return { H: 'hash', L: 'list', R: 'list', Z: 'zset', X: 'stream' }[command.charAt(0)] === type;
  }
}
