import type { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';
import { type Created, type OrderIntent, type OrderPlace, placeOrders } from 'order/scripts/createOrders';

/** Takes one order in, in a call of its own. */
export async function placeOrder(
  scripts: ScriptRunner,
  redis: Redis,
  { partition, partitions, deadlineMs, ...intent }: OrderPlace & OrderIntent,
): Promise<Created> {
  const [created] = await placeOrders(scripts, redis, { partition, partitions, deadlineMs }, [intent]);
  if (created === undefined || created instanceof Error) throw created;
  return created;
}
