import { actorScripts } from 'common/actor/actorScripts';
import { type DrainReport, drainReport } from 'common/actor/scripts/drain';
import { deadKey, type Group, indexKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { ScriptRunner } from 'common/script/scriptRunner';
import type { TransitionTable } from 'common/transitions/table';
import { Redis } from 'ioredis';
import { startTestRedis } from './redis.ts';
import { VirtualClock, virtualClockLua } from './virtualClock.ts';

type ActorScripts = {
  group: Group;
  table: TransitionTable;
  scriptsFolder: string;
  transitionFiles: Readonly<Record<string, string>>;
};

export type Fields = Readonly<Record<string, string | number>>;

/** Both ways into an actor, in words of its table, or the word of what was handed back or refused. */
export const WAYS = ['drain', 'handle'] as const;
export type Way = (typeof WAYS)[number];

const CONSUMER = 'bench';

/** One actor's scripts, a Redis of its own and a clock that stands where it is set: events in, outcomes and events out. */
export async function startEventBench(actor: ActorScripts, settings: Readonly<Record<string, number>> = {}) {
  const server = await startTestRedis();
  const redis = new Redis(server.url, { protocol: 2 });
  const { group } = actor;
  const tag = '0';
  const runner = new ScriptRunner({ clock: virtualClockLua });
  const scripts = actorScripts(actor.table, actor.scriptsFolder, actor.transitionFiles, settings);
  const keys = { log: logKey(tag), retry: retryKey(tag, group) };

  const drain = async (): Promise<DrainReport> => {
    const args = { tag, group, consumer: CONSUMER, countMax: 200, trail: 0 };
    const { rest } = await runner.run(redis, scripts.drain, { log: keys.log }, args);
    return drainReport(rest);
  };
  const byDrain = async () => {
    const { outcomes, handedBack } = await drain();
    return [...outcomes.map(({ outcome }) => outcome), ...handedBack.map(({ why }) => why)].filter(
      (x) => x !== 'PASSED',
    );
  };
  const handle = async (id: string) => {
    await redis.xclaim(keys.log, group, CONSUMER, 0, id, 'FORCE', 'JUSTID');
    const { word, rest } = await runner.run(redis, scripts.handle, keys, { tag, group, id, prepared: '' });
    return word === 'DONE' ? String(rest[0]) : word;
  };
  const publish = async (event: Fields) => {
    const id = await redis.xadd(keys.log, '*', ...Object.entries({ version: 1, ...event }).flat());
    if (id === null) throw new Error('XADD answered nothing');
    if (event.eventType === 'OrderCreated') await redis.rpush(indexKey(tag, Number(event.orderId)), id);
    return id;
  };

  return {
    ...{ server, redis, runner, tag, drain, publish },
    clock: new VirtualClock(redis, tag),
    /** Empties Redis, and begins at `now`. */
    async reset(now: number): Promise<void> {
      await redis.flushall();
      await new VirtualClock(redis, tag).set(now);
      await redis.xgroup('CREATE', keys.log, group, '0', 'MKSTREAM');
    },
    /** Publishes an event and delivers it; the outcome, or the word of why it was handed back. */
    async deliver(event: Fields, way: Way): Promise<string> {
      const id = await publish(event);
      if (way === 'drain') return (await byDrain()).join();
      await redis.xgroup('SETID', keys.log, group, id);
      return handle(id);
    },
    /** Lets the group read everything once more, as after a lost group; the outcomes. */
    async redeliverAll(): Promise<string[]> {
      await redis.xgroup('SETID', keys.log, group, '0');
      return byDrain();
    },
    /** The log's events of some types, oldest first. */
    async events(...types: string[]): Promise<Record<string, string>[]> {
      const entries = await redis.xrange(keys.log, '-', '+');
      return entries.map(([, flat]) => entryFields(flat)).filter(({ eventType = '' }) => types.includes(eventType));
    },
    async deadReasons(): Promise<(string | undefined)[]> {
      const entries = await redis.xrange(deadKey(tag), '-', '+');
      return entries.map(([, flat]) => entryFields(flat)['dead.reason']);
    },
    async stop(): Promise<void> {
      redis.disconnect();
      await server.stop();
    },
  };
}
