import { bury, heartbeat, ownPending, postpone, takeDue } from 'common/actor/scripts/pendingScripts';
import { deadKey, leaseKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { Connections } from 'common/redis/connections';
import pino from 'pino';
import { RecordingRunner } from './recordingRunner.ts';
import { startTestRedis } from './redis.ts';
import { VirtualClock, virtualClockLua } from './virtualClock.ts';

const tag = '0';
const group = 'exchange';
const keys = { log: logKey(tag), retry: retryKey(tag, group), lease: leaseKey(tag, group) };

/** The virtual time at which each test begins. */
export const NOW = 1_700_000_000_000;
export const LEASE_MS = 1_500;
export const BACKOFF_MS_MAX = 1_000;

/** A Redis of its own with a pending list, and the scripts that work on it. Call fill() before each test. */
export async function startPendingBench() {
  const server = await startTestRedis();
  const connections = new Connections(server.url, 'pending', pino({ level: 'silent' }));
  await connections.connect();
  const redis = connections.commands;
  const clock = new VirtualClock(redis, tag);
  const runner = new RecordingRunner({ clock: virtualClockLua });
  const ids: string[] = [];
  const id = (i = 0) => String(ids[i]);

  return {
    ...{ group, keys, dead: deadKey(tag), redis, clock, runner, ids, id },
    /** Five entries that consumer `old` has read and not done. */
    async fill(): Promise<void> {
      await redis.flushall();
      await clock.set(NOW);
      await redis.xgroup('CREATE', keys.log, group, '0', 'MKSTREAM');
      ids.length = 0;
      for (const extra of 'abcde')
        ids.push(String(await redis.xadd(keys.log, '*', 'eventType', 'OrderCreated', 'extra', extra)));
      await redis.xreadgroup('GROUP', group, 'old', 'STREAMS', keys.log, '>');
    },
    run: {
      postpone: (args: Partial<Record<'id' | 'attemptsMax' | 'backoffMsMax', string | number>> = {}) =>
        runner.run(redis, postpone, keys, {
          ...{ tag, group, consumer: 'me', id: id(), cause: 'it fails' },
          ...{ attemptsMax: 3, backoffMs: 200, backoffMsMax: BACKOFF_MS_MAX },
          ...args,
        }),
      bury: (which = id()) =>
        runner.run(redis, bury, keys, { tag, group, id: which, reason: 'MALFORMED', cause: 'amount' }),
      takeDue: (countMax = 10) =>
        runner.run(redis, takeDue, keys, { tag, group, consumer: 'me', countMax, backoffMsMax: BACKOFF_MS_MAX }),
      heartbeat: (consumer = 'me', countMax = 10) => {
        const args = { tag, group, consumer, leaseMs: LEASE_MS, countMax, backoffMsMax: BACKOFF_MS_MAX };
        return runner.run(redis, heartbeat, keys, args);
      },
      ownPending: (consumer: string, after = '-', countMax = 10) =>
        runner.run(redis, ownPending, keys, { group, consumer, after, countMax }),
    },
    async pending(): Promise<[string, string, number][]> {
      const found = (await redis.xpending(keys.log, group, '-', '+', 100)) as [string, string, number, number][];
      return found.map(([entry, consumer, , attempts]) => [entry, consumer, attempts]);
    },
    async deadLetters(): Promise<Record<string, string>[]> {
      return (await redis.xrange(deadKey(tag), '-', '+')).map(([, flat]) => entryFields(flat));
    },
    async stop(): Promise<void> {
      await connections.closeAll();
      await server.stop();
    },
  };
}
