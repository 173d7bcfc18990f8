import type { FaultRecord } from '../history.ts';
import type { ChaosRedis } from '../world/chaosRedis.ts';
import { cutTail, tearTail } from './appendOnlyTail.ts';
import { type Begun, type Fault, RECONNECT_MS } from './fault.ts';

const EVERYSEC_LOSS_MS = 2_000;

const killRedis: Fault = {
  name: 'SIGKILL of Redis',
  lane: 'redis',
  holdMs: [0, 2_000],
  returnMs: RECONNECT_MS,
  async begin({ redis }) {
    return { detail: redis.fsync, outage: 'redis', killed: await killOf(redis), undo: () => redis.start() };
  },
};

/** Where Redis syncs every second, it may also write late: while a sync of the disk takes longer, by up to two seconds. */
async function killOf(redis: ChaosRedis): Promise<NonNullable<FaultRecord['killed']>> {
  const { sent, at } = await redis.kill();
  return redis.fsync === 'always' ? { at } : { at, lostFrom: sent - EVERYSEC_LOSS_MS };
}

const loseTail: Fault = {
  name: 'tail of the append-only file lost',
  fsync: 'everysec',
  lane: 'redis',
  weight: 3,
  holdMs: [0, 1_000],
  returnMs: RECONNECT_MS,
  async begin({ redis }, dice) {
    const { sent, at } = await redis.kill();
    const time = { ms: dice.between(100, 900), killedAt: sent };
    const cut = await cutTail(redis.dir, time, (count) => dice.between(0, count - 1));
    const undo = () => redis.start();
    if (!cut) return { detail: 'nothing was written', outage: 'redis', killed: { at }, undo };
    const { commands, lostFrom, wroteUntil } = cut;
    const detail = `${commands} commands of ${time.ms} ms`;
    return { detail, outage: 'redis', killed: { at, lostFrom, wroteUntil }, undo };
  },
};

/** The write that was under way when the power went: Redis drops it when it loads, and nothing else. */
const tornTail: Fault = {
  name: 'last write torn',
  lane: 'redis',
  holdMs: [0, 1_000],
  returnMs: RECONNECT_MS,
  async begin({ redis }, dice) {
    const killed = await killOf(redis);
    const inTransaction = dice.chance(0.5);
    await tearTail(redis.dir, inTransaction);
    const detail = inTransaction ? 'a transaction without its end' : 'half a command';
    return { detail, outage: 'redis', killed, undo: () => redis.start() };
  },
};

const killClients: Fault = {
  name: 'CLIENT KILL',
  lane: 'redis',
  holdMs: [0, 0],
  returnMs: RECONNECT_MS,
  begin: ({ redis }) =>
    redis.admin(async (admin): Promise<Begun> => {
      const killed = await admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
      return { detail: `${killed} connections`, outage: 'redis', undo: async () => {} };
    }),
};

const flushScripts: Fault = {
  name: 'SCRIPT FLUSH',
  lane: 'redis',
  holdMs: [0, 0],
  returnMs: 0,
  begin: ({ redis }) =>
    redis.admin(async (admin): Promise<Begun> => {
      await admin.script('FLUSH');
      return { detail: 'all scripts', undo: async () => {} };
    }),
};

const sleep: Fault = {
  name: 'Redis asleep',
  lane: 'redis',
  holdMs: [0, 0],
  returnMs: RECONNECT_MS,
  begin: ({ redis }, dice) =>
    redis.admin(async (admin): Promise<Begun> => {
      const ms = dice.between(500, 2_000);
      const asleep = admin.call('DEBUG', 'SLEEP', ms / 1_000).finally(() => admin.disconnect());
      await Promise.race([asleep, new Promise((resolve) => setTimeout(resolve, ms))]);
      return {
        detail: `DEBUG SLEEP ${ms} ms`,
        outage: 'redis',
        undo: () => redis.admin((other) => other.ping()).then(() => {}),
      };
    }),
};

const BUSY = 'local sum = 0 for i = 1, tonumber(ARGV[1]) do sum = sum + i % 7 end';
const SAMPLE = 3_000_000;

/** Longer than `busy-reply-threshold`: everybody is answered BUSY meanwhile. */
const busyScript: Fault = {
  name: 'busy script',
  lane: 'redis',
  holdMs: [0, 0],
  returnMs: RECONNECT_MS,
  begin: ({ redis }, dice) =>
    redis.admin(async (admin): Promise<Begun> => {
      const ms = dice.between(500, 1_500);
      await admin.config('SET', 'busy-reply-threshold', 100);
      const begun = performance.now();
      await admin.eval(BUSY, 0, SAMPLE);
      // A script has no clock that goes on while it runs.
      await admin.eval(BUSY, 0, Math.round((SAMPLE * ms) / (performance.now() - begun)));
      const undo = () => redis.admin(async (other) => void (await other.config('SET', 'busy-reply-threshold', 5_000)));
      return { detail: `${ms} ms of Lua`, outage: 'redis', undo };
    }),
};

export const redisFaults: readonly Fault[] = [
  killRedis,
  loseTail,
  tornTail,
  killClients,
  flushScripts,
  sleep,
  busyScript,
];
