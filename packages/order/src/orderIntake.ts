import type { ServiceConfig } from 'common/config/readConfig';
import type { IdempotencyKey } from 'common/http/idempotencyKey';
import { rememberedRequest } from 'common/http/rememberedRequest';
import { type Partition, partitionOfHolder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { retryOnce } from 'common/redis/retryOnce';
import { Batcher } from './batcher.ts';
import type { OrderRequest } from './order.ts';
import { type Created, type OrderIntent, placeOrders } from './scripts/createOrders.ts';

/** Orders that one call takes in: bounds the time that it holds Redis to some milliseconds. */
const ORDERS_PER_CALL_MAX = 50;

/** Takes an order in; the same key of the same holder never makes a second one. */
export type OrderIntake = (request: OrderRequest, key: IdempotencyKey) => Promise<Created>;

/** @param admits whether a partition takes new orders now */
export function orderIntake(
  { connections, partitions, scripts }: Foundation,
  { deadlineMs, retentionMs }: Pick<ServiceConfig, 'deadlineMs' | 'retentionMs'>,
  admits: (partition: Partition) => boolean,
): OrderIntake {
  const redis = connections.commands;
  const counters = partitions.map((partition) => {
    const place = { partition, partitions: partitions.length, deadlineMs };
    const run = (intents: readonly OrderIntent[]) => placeOrders(scripts, redis, place, intents);
    return { ...partition, batcher: new Batcher(run, ORDERS_PER_CALL_MAX) };
  });
  return async (request, key) => {
    const { holderId, currencyId, amount } = request;
    const partition = partitionOfHolder(holderId, counters);
    const asked = { route: 'POST /orders', who: holderId, body: [currencyId, String(amount)] };
    const intent = { ...request, ...rememberedRequest(asked, key, retentionMs), admit: admits(partition) };
    return retryOnce(redis, () => partition.batcher.ask(intent));
  };
}
