import { setTimeout as sleep } from 'node:timers/promises';
import { HttpConnection } from './httpConnection.ts';

/** The exchange service sleeps longer than the deadline before it prices an order in this currency. */
const SLEEPING_CURRENCY = '100';
const EVERY_MS = 50;

type Events = { items: { eventType: string; lateMs?: number }[] };

/**
 * Lets deadlines pass, one every 50 ms.
 *
 * @param holders who order, one after the other
 * @returns ms by Redis' clock from each deadline to its DeadlineReached, ascending
 * @throws Error where the deadline service did not fire one: the order service's own sweep had to
 */
export async function deadlineLateness(gateway: string, holders: readonly string[], count: number): Promise<number[]> {
  const connection = await HttpConnection.open(gateway);
  const ids: number[] = [];
  for (let i = 0; i < count; i++) {
    const order = { holderId: holders[i % holders.length], currencyId: SLEEPING_CURRENCY, amount: 1 };
    const { status, body } = await connection.post('/orders', order);
    if (status !== 201) throw new Error(`an order was answered ${status}: ${body}`);
    ids.push((JSON.parse(body) as { id: number }).id);
    await sleep(EVERY_MS);
  }
  connection.close();
  const lateness: number[] = [];
  for (const id of ids) lateness.push(await latenessOf(gateway, id));
  return lateness.sort((a, b) => a - b);
}

async function latenessOf(gateway: string, id: number): Promise<number> {
  await fetch(`${gateway}/orders/${id}`, { headers: { Prefer: 'wait=30' } });
  const { items } = (await (await fetch(`${gateway}/orders/${id}/events`)).json()) as Events;
  const late = items.find(({ eventType }) => eventType === 'DeadlineReached')?.lateMs;
  if (late === undefined) throw new Error(`the deadline of order ${id} was not fired`);
  return Number(late);
}
