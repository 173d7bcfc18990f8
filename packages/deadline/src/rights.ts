import type { Rights } from 'common/script/rights';
import { closedKey, deadlineKey, dueKey, WAKE_UP_QUEUE, wakeUpPrefix } from './keys.ts';
import { reachDue } from './scripts/reachDue.ts';
import { sweepDeadlines } from './scripts/sweepDeadlines.ts';

/** What BullMQ does with the keys of its queue, as far as wake-ups need it. */
const BULLMQ_FORMS: readonly string[] = [
  'HSET $ f v',
  'HMSET $ f v',
  'HGET $ f',
  'HMGET $ f',
  'HGETALL $',
  'HDEL $ f',
  'HEXISTS $ f',
  'HINCRBY $ f 1',
  'HLEN $',
  'INCR $',
  'GET $',
  'SET $ v PX 1',
  'DEL $',
  'EXISTS $',
  'PTTL $',
  'PEXPIRE $ 1',
  'LLEN $',
  'LINDEX $ 0',
  'LRANGE $ 0 -1',
  'LPUSH $ v',
  'RPUSH $ v',
  'LREM $ 0 v',
  'LTRIM $ 0 -1',
  'RPOPLPUSH $ $',
  'ZADD $ 1 m',
  'ZREM $ m',
  'ZSCORE $ m',
  'ZCARD $',
  'ZCOUNT $ 0 1',
  'ZRANGE $ 0 -1',
  'ZRANGEBYSCORE $ 0 1',
  'ZPOPMIN $',
  'BZPOPMIN $ 1',
  'SADD $ m',
  'SREM $ m',
  'SCARD $',
  'SMEMBERS $',
  'XADD $ * f v',
  'XTRIM $ MAXLEN 1',
];

/** What the service does in Redis besides its actor. */
export const deadlineRights: Rights = {
  scripts: [reachDue, sweepDeadlines],
  commands: ['HGETALL', 'ZREVRANGEBYSCORE'],
  keys: (tag, name) => [
    { key: deadlineKey(tag, name), type: 'hash' },
    { key: dueKey(tag), type: 'zset' },
    { key: closedKey(tag), type: 'zset' },
    { key: `${wakeUpPrefix(tag)}:${WAKE_UP_QUEUE}:${name}`, forms: BULLMQ_FORMS },
  ],
};
