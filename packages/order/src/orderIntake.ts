import { hash } from 'node:crypto';
import type { ServiceConfig } from 'common/config/readConfig';
import type { IdempotencyKey } from 'common/http/idempotencyKey';
import { type Partition, partitionOfHolder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { retryOnce } from 'common/redis/retryOnce';
import type { OrderRequest } from './order.ts';
import { type Created, placeOrder } from './scripts/createOrder.ts';

const CLIENT_KEY_MS = 24 * 60 * 60 * 1_000;
/** A key that we made serves our own second attempt alone. */
const OWN_KEY_MS = 60_000;

/** Takes an order in; the same key of the same holder never makes a second one. */
export type OrderIntake = (request: OrderRequest, key: IdempotencyKey) => Promise<Created>;

/** @param admits whether a partition takes new orders now */
export function orderIntake(
  { connections, partitions, scripts }: Foundation,
  { deadlineMs, retentionMs }: Pick<ServiceConfig, 'deadlineMs' | 'retentionMs'>,
  admits: (partition: Partition) => boolean,
): OrderIntake {
  const redis = connections.commands;
  // Never longer than the order is kept: a replay finds it.
  const clientKeyMs = Math.min(CLIENT_KEY_MS, retentionMs);
  return ({ holderId, currencyId, amount }, { key, given }) => {
    const partition = partitionOfHolder(holderId, partitions);
    const intent = {
      holderId,
      currencyId,
      amount,
      partition,
      partitions: partitions.length,
      requestDigest: digestOf('POST /orders', holderId, key),
      bodyDigest: digestOf(currencyId, String(amount)),
      admit: admits(partition),
      deadlineMs,
      requestMs: given ? clientKeyMs : OWN_KEY_MS,
    };
    return retryOnce(redis, () => placeOrder(scripts, redis, intent));
  };
}

/** None of the parts holds a control character, so that no two lists of parts read the same. */
const digestOf = (...parts: string[]) => hash('sha256', parts.join('\n'), 'hex');
