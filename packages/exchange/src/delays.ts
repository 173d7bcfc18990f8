import { setTimeout as sleep } from 'node:timers/promises';
import type { SagaEvent } from 'common/events/sagaEvent';

/** How long the two demonstration currencies hold an order up. */
const DELAY_MS = 10_000;
const LATE_BEFORE_CHECK = '100';
const LATE_AFTER_CHECK = '200';

/**
 * The delays of the demonstration, before the script decides: currency 100 is late before any check; 200 passes a check
 * of its expiry here and is late after it, which is why a check outside the script proves nothing.
 * Any other currency is not delayed.
 */
export async function delay(event: SagaEvent, signal: AbortSignal): Promise<string> {
  const currencyId = event.eventType === 'OrderCreated' ? event.currencyId : '';
  if (currencyId !== LATE_BEFORE_CHECK && currencyId !== LATE_AFTER_CHECK) return '';
  if (currencyId === LATE_AFTER_CHECK && Date.now() >= event.deadline) return 'expired';
  await sleep(DELAY_MS, undefined, { signal });
  return 'delayed';
}
