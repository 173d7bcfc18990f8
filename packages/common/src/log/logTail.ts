import { setTimeout as sleep } from 'node:timers/promises';
import { logKey } from 'common/events/keys';
import type { Partition } from 'common/partition/partition';
import { type Connections, whenReady } from 'common/redis/connections';
import type { Redis } from 'ioredis';
import { type LogEntry, logEntry } from './logEntry.ts';
import { lastLogId } from './readLog.ts';

export type LogListener = (entry: LogEntry) => void;

export type Subscription = {
  /** Resolves once everything that is written from then on is heard: subscribe, await this, then read the state. */
  heard: Promise<void>;
  close(): void;
};

const READ_COUNT_MAX = 500;
const BLOCK_MS = 5_000;
const BLOCK_GRACE_MS = 2_000;

/** The pause after an error. */
const RETRY_MS = 100;

/** The connection outlives its last listener by this long: waits come one after the other. */
const LINGER_MS = 2_000;

/**
 * The live end of one partition's log: one blocking read a process, however many requests wait on it, and none while
 * nobody does. Listeners of one order are found by its id, so that a thousand waits cost what one does.
 */
export class LogTail {
  readonly #connections: Connections;
  readonly #partition: Partition;
  readonly #all = new Set<LogListener>();
  readonly #byOrder = new Map<string, Set<LogListener>>();
  #open: { redis: Redis; heard: Promise<void>; closing: AbortController } | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(connections: Connections, partition: Partition) {
    this.#connections = connections;
    this.#partition = partition;
  }

  /** Hears every entry, or those of one order only, until it is closed. */
  subscribe(listener: LogListener, orderId?: number): Subscription {
    const listeners = this.#listenersOf(orderId);
    listeners.add(listener);
    clearTimeout(this.#linger);
    this.#open ??= this.#start();
    return {
      heard: this.#open.heard,
      close: () => {
        listeners.delete(listener);
        if (orderId !== undefined && listeners.size === 0) this.#byOrder.delete(String(orderId));
        if (this.#all.size + this.#byOrder.size === 0) this.#closeLater();
      },
    };
  }

  /** Ends the reading at once, for the end of the process. */
  stop(): void {
    clearTimeout(this.#linger);
    this.#open?.closing.abort();
    if (this.#open) this.#connections.close(this.#open.redis);
    this.#open = undefined;
  }

  #listenersOf(orderId: number | undefined): Set<LogListener> {
    if (orderId === undefined) return this.#all;
    const known = this.#byOrder.get(String(orderId)) ?? new Set();
    this.#byOrder.set(String(orderId), known);
    return known;
  }

  #closeLater(): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.stop(), LINGER_MS).unref();
  }

  #start() {
    const redis = this.#connections.dedicated(`tail-${this.#partition.tag}`, BLOCK_MS + BLOCK_GRACE_MS);
    const closing = new AbortController();
    const heard = Promise.withResolvers<void>();
    heard.promise.catch(() => undefined);
    void this.#run(redis, closing.signal, heard);
    return { redis, heard: heard.promise, closing };
  }

  async #run(redis: Redis, signal: AbortSignal, heard: PromiseWithResolvers<void>): Promise<void> {
    let lastId: string | undefined;
    while (!signal.aborted) {
      try {
        await whenReady(redis, signal);
        lastId ??= await lastLogId(redis, this.#partition.tag);
        heard.resolve();
        lastId = await this.#readAfter(redis, lastId);
      } catch {
        // A lost connection comes back by itself, and the log still holds what came meanwhile. What Redis refuses it
        // refuses at once: without a pause that would be asked as fast as it can answer.
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    heard.reject(new Error('the tail was closed'));
  }

  async #readAfter(redis: Redis, lastId: string): Promise<string> {
    const key = logKey(this.#partition.tag);
    const reply = await redis.xread('COUNT', READ_COUNT_MAX, 'BLOCK', BLOCK_MS, 'STREAMS', key, lastId);
    const entries = reply?.[0]?.[1] ?? [];
    for (const entry of entries) this.#tell(logEntry(entry));
    return entries.at(-1)?.[0] ?? lastId;
  }

  #tell(entry: LogEntry): void {
    for (const listener of this.#all) listener(entry);
    for (const listener of this.#byOrder.get(entry.fields.orderId ?? '') ?? []) listener(entry);
  }
}
