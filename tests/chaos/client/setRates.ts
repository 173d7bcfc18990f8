import { CURRENCIES } from './requests.ts';
import { Wire } from './wire.ts';

/** Tells the exchange service the rates that orders are priced with: all of them before the first order. */
export async function setRates(gateway: string): Promise<void> {
  const wire = new Wire(gateway);
  for (const { id, rate, suspended = false } of CURRENCIES) {
    if (rate === undefined) continue;
    const { status, error } = await wire.send('PUT', `/rates/${id}`, { body: { rate, suspended } });
    if (status !== 200) throw new Error(`setting the rate of ${id} answered ${status} ${error ?? ''}`);
  }
  await wire.close();
}
