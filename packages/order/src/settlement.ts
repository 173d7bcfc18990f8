import type { LogTail } from 'common/log/logTail';
import { isSettled, type Order } from './order.ts';

/** The events that tell that an order is settled. */
const SETTLING = new Set(['OrderPlaced', 'OrderRejected']);

/**
 * Waits until an open order is settled, for `waitMs` at most.
 *
 * @param read the order as it is now
 * @param signal ends the wait early: nobody is there any more to be told
 * @returns the order as it was last read; where Redis goes away meanwhile, as it was known before
 */
export async function untilSettled(
  order: Order,
  tail: LogTail,
  { read, waitMs, signal }: { read: () => Promise<Order | undefined>; waitMs: number; signal: AbortSignal },
): Promise<Order> {
  if (isSettled(order) || waitMs === 0) return order;
  const over = Promise.withResolvers<void>();
  const end = () => over.resolve();
  const timer = setTimeout(end, waitMs);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const readAgain = async () => (await read().catch(() => undefined)) ?? order;
  // Heard first, read then: what happens in between is not missed.
  const subscription = tail.subscribe(({ fields }) => {
    if (SETTLING.has(fields.eventType ?? '')) end();
  }, order.id);
  try {
    await Promise.race([subscription.heard.catch(end), over.promise]);
    const known = await readAgain();
    if (isSettled(known)) return known;
    await over.promise;
    return await readAgain();
  } finally {
    subscription.close();
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}
