import { setTimeout as wait } from 'node:timers/promises';
import { formatPosition, type Position } from 'common/http/position';
import { HttpProblem } from 'common/http/problem';
import { redisAway } from 'common/http/redisAway';
import { shownEvent } from 'common/http/shownEvent';
import type { SseMessage } from 'common/http/sse';
import { compareIds, type LogEntry } from 'common/log/logEntry';
import type { LogTail } from 'common/log/logTail';
import { lastLogId, readForward, readOrderHistory } from 'common/log/readLog';
import { type Partition, partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { whenReady } from 'common/redis/connections';
import type { Redis } from 'ioredis';
import { isWanted, type LogFilter } from './logFilter.ts';

const readCountMax = 500;
/** Between two attempts of a read that a Redis answers with an error. */
const retryMs = 200;

export type LiveOptions = {
  foundation: Foundation;
  tails: ReadonlyMap<Partition, LogTail>;
  filter: LogFilter;
  /** Where a client that comes back stands; a partition that it does not name begins now. */
  after: Position | undefined;
  signal: AbortSignal;
};

/**
 * The events of all partitions as they come, until `signal` aborts, each with the position to come back with.
 *
 * The shared tails only say where something is new; what it is, each stream reads at the pace of its client. So nothing
 * waits in memory for a slow one, and none is missed, however long it was away (what was trimmed meanwhile excepted).
 */
export async function liveEvents(options: LiveOptions): Promise<AsyncIterable<SseMessage>> {
  const { foundation, tails, filter, after, signal } = options;
  const { commands } = foundation.connections;
  // A tail waits for a Redis that is away; a client is told at once.
  await commands.ping();
  if (signal.aborted) throw stopping();
  const { orderId } = filter;
  const watched = [...tails].filter(([partition]) => isOf(partition, orderId, foundation.partitions));
  const partitions = watched.map(([partition]) => partition);
  const fresh = new Set(partitions);
  let wake = Promise.withResolvers<void>();
  const subscriptions = watched.map(([partition, tail]) => {
    const onEntry = () => {
      fresh.add(partition);
      wake.resolve();
    };
    return tail.subscribe(onEntry, orderId);
  });
  const close = () => {
    for (const subscription of subscriptions) subscription.close();
    wake.resolve();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    await Promise.all(subscriptions.map(({ heard }) => heard));
    const position = await startPosition(commands, partitions, after);
    return messages(position);
  } catch (error) {
    close();
    if (signal.aborted) throw stopping();
    throw error;
  }

  async function* messages(position: Map<number, string>): AsyncGenerator<SseMessage> {
    while (!signal.aborted) {
      if (fresh.size === 0) await wake.promise;
      wake = Promise.withResolvers();
      for (const partition of [...fresh]) {
        fresh.delete(partition);
        const entries = await entriesAfter(commands, partition, position.get(partition.index) ?? '-', orderId).catch(
          // Redis is restarting, perhaps: the stream goes on where it stands.
          (error: unknown) => untilRedisIsBack(error, commands, signal),
        );
        if (entries === undefined || entries.length === readCountMax) fresh.add(partition);
        if (entries === undefined) continue;
        for (const entry of entries) {
          position.set(partition.index, entry.id);
          if (isWanted(entry, filter)) yield message(position, entry);
        }
      }
    }
  }
}

const stopping = () => new HttpProblem(503, { detail: 'The gateway is stopping' });

const isOf = (partition: Partition, orderId: number | undefined, all: readonly Partition[]) =>
  orderId === undefined || partition === partitionOfOrder(orderId, all);

async function startPosition(redis: Redis, partitions: readonly Partition[], after: Position | undefined) {
  const ids = partitions.map(async ({ index, tag }): Promise<[number, string]> => {
    return [index, after?.get(index) ?? (await lastLogId(redis, tag))];
  });
  return new Map(await Promise.all(ids));
}

/** What the log, or one order's part of it, holds after an id: oldest first, a bounded stretch. */
async function entriesAfter(redis: Redis, { tag }: Partition, after: string, orderId: number | undefined) {
  if (orderId === undefined) return readForward(redis, tag, after, readCountMax);
  const { entries } = await readOrderHistory(redis, tag, orderId);
  return entries.filter(({ id }) => compareIds(id, after) > 0);
}

/** @throws the error itself, where it is no absence of Redis or the stream has ended */
async function untilRedisIsBack(error: unknown, redis: Redis, signal: AbortSignal): Promise<undefined> {
  if (redisAway(error) === undefined) throw error;
  await wait(retryMs, undefined, { signal });
  await whenReady(redis, signal);
  return undefined;
}

const message = (position: Position, entry: LogEntry): SseMessage => ({
  id: formatPosition(position),
  event: entry.fields.eventType ?? 'unknown',
  data: JSON.stringify(shownEvent(entry)),
});
