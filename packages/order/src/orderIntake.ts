import type { ServiceConfig } from 'common/config/readConfig';
import type { IdempotencyKey } from 'common/http/idempotencyKey';
import { rememberedRequest } from 'common/http/rememberedRequest';
import { type Partition, partitionOfHolder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { retryOnce } from 'common/redis/retryOnce';
import type { OrderRequest } from './order.ts';
import { type Created, placeOrder } from './scripts/createOrder.ts';

/** Takes an order in; the same key of the same holder never makes a second one. */
export type OrderIntake = (request: OrderRequest, key: IdempotencyKey) => Promise<Created>;

/** @param admits whether a partition takes new orders now */
export function orderIntake(
  { connections, partitions, scripts }: Foundation,
  { deadlineMs, retentionMs }: Pick<ServiceConfig, 'deadlineMs' | 'retentionMs'>,
  admits: (partition: Partition) => boolean,
): OrderIntake {
  const redis = connections.commands;
  return ({ holderId, currencyId, amount }, key) => {
    const asked = { route: 'POST /orders', who: holderId, body: [currencyId, String(amount)] };
    const partition = partitionOfHolder(holderId, partitions);
    const intent = {
      holderId,
      currencyId,
      amount,
      partition,
      partitions: partitions.length,
      ...rememberedRequest(asked, key, retentionMs),
      admit: admits(partition),
      deadlineMs,
    };
    return retryOnce(redis, () => placeOrder(scripts, redis, intent));
  };
}
