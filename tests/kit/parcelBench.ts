import { type Actor, createActor } from 'common/actor/actor';
import { parcelActor, parcelKey } from 'common/actor/fixture/parcelActor';
import type { Handler } from 'common/actor/handler';
import { deadKey, logKey, retryKey } from 'common/events/keys';
import { entryFields } from 'common/events/sagaEvent';
import { Connections } from 'common/redis/connections';
import { ScriptRunner } from 'common/script/scriptRunner';
import pino from 'pino';
import { Registry } from 'prom-client';
import { startTestRedis, type TestRedisSettings } from './redis.ts';

const TAG = '0';
const quiet = pino({ level: 'silent' });

export type ParcelConsumer = {
  actor: Actor;
  connections: Connections;
  /** The value of one of its counters or gauges, over all labels. */
  metric(name: keyof Actor['metrics']): Promise<number>;
  stop(): Promise<void>;
  /** Ends it as the death of its process does: nothing is said, and nothing comes back. */
  die(): Promise<void>;
};

/** A Redis of its own with consumers of the parcel actor, and eyes for what they leave behind. */
export async function startParcelBench(settings: TestRedisSettings = {}) {
  const server = await startTestRedis(settings);
  const own = new Connections(server.url, 'bench', quiet);
  await own.connect();
  const redis = own.commands;
  const open: ParcelConsumer[] = [];

  async function consumer(handler?: Handler, scripts = new ScriptRunner()): Promise<ParcelConsumer> {
    const connections = new Connections(server.url, 'consumer', quiet);
    await connections.connect();
    const registry = new Registry();
    const handlers = handler ? { OrderCreated: handler } : {};
    const partitions = [{ index: 0, tag: TAG }];
    const parts = { ...parcelActor, partitions, connections, scripts, handlers, logger: quiet, registry };
    const actor = createActor(parts);
    const die = async () => {
      await connections.closeAll();
      await actor.stop();
    };
    const stop = async () => {
      await actor.stop();
      await connections.closeAll();
    };
    const metric = async (name: keyof Actor['metrics']) => {
      const { values } = await actor.metrics[name].get();
      return values.reduce((sum, { value }) => sum + value, 0);
    };
    await actor.start();
    const started = { actor, connections, metric, stop, die };
    open.push(started);
    return started;
  }

  return {
    tag: TAG,
    server,
    redis,
    consumer,
    log: logKey(TAG),
    retry: retryKey(TAG, parcelActor.group),
    /** Adds an event about an order to the log, and answers its id. */
    async publish(eventType: string, orderId: number, fields: Readonly<Record<string, string>> = {}): Promise<string> {
      const now = Date.now();
      const common = { version: '1', orderId: `${orderId}`, timestamp: `${now}`, deadline: `${now + 10_000}` };
      const own = { holderId: 'jjy', currencyId: '1', amount: '500', reason: 'DEADLINE' };
      const event = { eventType, ...common, ...own, ...fields };
      return String(await redis.xadd(logKey(TAG), '*', ...Object.entries(event).flat()));
    },
    status: (orderId: number) => redis.get(parcelKey(TAG, orderId)),
    async events(): Promise<Record<string, string>[]> {
      return (await redis.xrange(logKey(TAG), '-', '+')).map(([, flat]) => entryFields(flat));
    },
    async deadLetters(): Promise<Record<string, string>[]> {
      return (await redis.xrange(deadKey(TAG), '-', '+')).map(([, flat]) => entryFields(flat));
    },
    /** Of every pending entry its id, its consumer and its attempts. */
    async pending(): Promise<{ id: string; consumer: string; attempts: number }[]> {
      const found = (await redis.xpending(logKey(TAG), parcelActor.group, '-', '+', 5_000)) as unknown[][];
      return found.map(([id, name, , attempts]) => ({
        ...{ id: `${id}`, consumer: `${name}` },
        attempts: Number(attempts),
      }));
    },
    async consumers(): Promise<string[]> {
      const found = (await redis.xinfo('CONSUMERS', logKey(TAG), parcelActor.group)) as unknown[][];
      return found.map(([, name]) => String(name));
    },
    /** Lets every waiting retry be due at once: the next heartbeat finds them. */
    async hurryRetries(): Promise<void> {
      const ids = await redis.zrange(retryKey(TAG, parcelActor.group), '0', '-1');
      for (const id of ids) await redis.zadd(retryKey(TAG, parcelActor.group), 'XX', '0', id);
    },
    async stop(): Promise<void> {
      for (const each of open) await each.stop();
      await own.closeAll();
      await server.stop();
    },
  };
}

export type ParcelBench = Awaited<ReturnType<typeof startParcelBench>>;
