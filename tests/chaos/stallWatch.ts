import type { Stall } from './history.ts';

const TICK_MS = 25;
const NOTICED_MS = 100;

/**
 * Watches whether this process gets its turns: every byte between services and Redis goes through it, so while a busy
 * machine lets it wait, Redis is away.
 *
 * @returns what ends it
 */
export function watchStalls(onStall: (stall: Stall) => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > TICK_MS + NOTICED_MS) onStall({ kind: 'stall', from: last, to: now });
    last = now;
  }, TICK_MS);
  return () => clearInterval(timer);
}
