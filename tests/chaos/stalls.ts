import { pause } from 'common/actor/pause';
import { Redis } from 'ioredis';
import type { Stall } from './history.ts';
import type { World } from './world/world.ts';

const ASK_EVERY_MS = 50;
const ANSWER_MS_MAX = 500;
/** An answer that takes no longer is none that anybody misses. */
const NOTICED_MS = 50;

/**
 * Measures when Redis (as services see it, through the proxy) and the order service do not answer the smallest request:
 * what is down, frozen or starved on a busy machine is not up, whatever the reason.
 *
 * @returns what ends it
 */
export function watchStalls({ proxy, instances }: World, onStall: (stall: Stall) => void): () => Promise<void> {
  const ending = new AbortController();
  const redis = new Redis(proxy.port, '127.0.0.1', {
    protocol: 2,
    commandTimeout: ANSWER_MS_MAX,
    socketTimeout: ANSWER_MS_MAX,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: ASK_EVERY_MS,
    retryStrategy: () => ASK_EVERY_MS,
  });
  redis.on('error', () => {});
  const order = instances.find(({ name }) => name === 'order')?.url;
  const askOrder = async () => {
    const answer = await fetch(`${order}/anybody`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    await answer.arrayBuffer();
  };
  const watches = [
    watch(() => redis.ping(), 'Redis', onStall, ending.signal),
    watch(askOrder, 'order', onStall, ending.signal),
  ];
  return async () => {
    ending.abort();
    await Promise.all(watches);
    redis.disconnect();
  };
}

async function watch(
  ask: () => Promise<unknown>,
  of: Stall['of'],
  onStall: (stall: Stall) => void,
  signal: AbortSignal,
): Promise<void> {
  let good = Date.now();
  while (!signal.aborted) {
    try {
      await ask();
      const now = Date.now();
      const from = good + ASK_EVERY_MS;
      if (now - from > NOTICED_MS) onStall({ kind: 'stall', of, from, to: now });
      good = now;
    } catch {
      // Not answered: the stall goes on.
    }
    await pause(ASK_EVERY_MS, signal);
  }
}
