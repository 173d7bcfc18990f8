import { partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { readHashes } from 'common/redis/hashes';
import { newestFirst, type Position } from 'common/redis/newestFirst';
import { type Exchange, type ExchangeStatus, exchangeOf } from './exchange.ts';
import { exchangeKey, statusIndexKey } from './keys.ts';

/** The exchange of one order, or undefined. */
export async function findExchange(
  { connections, partitions }: Foundation,
  orderId: number,
): Promise<Exchange | undefined> {
  const { tag } = partitionOfOrder(orderId, partitions);
  const [hash] = await readHashes(connections.commands, [exchangeKey(tag, orderId)]);
  return hash && exchangeOf(orderId, hash);
}

/** Up to `count` exchanges of one status, newest first, over all partitions. */
export async function listExchanges(
  { connections, partitions }: Foundation,
  status: ExchangeStatus,
  count: number,
  after?: Position,
): Promise<Exchange[]> {
  const keys = partitions.map(({ tag }) => statusIndexKey(tag, status));
  const found = await newestFirst(connections.commands, keys, count, after);
  const ids = found.map(({ id }) => Number(id));
  const hashes = await readHashes(
    connections.commands,
    ids.map((id) => exchangeKey(partitionOfOrder(id, partitions).tag, id)),
  );
  // A record may have been swept away since its index was read.
  return ids.flatMap((id, i) => (hashes[i] ? [exchangeOf(id, hashes[i])] : []));
}

/** Where an exchange stands in such a list: ids of one length read like numbers. */
export const positionOf = ({ at, orderId }: Exchange): Position => ({ at, id: String(orderId).padStart(16, '0') });
