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

/** Up to `count` places of exchanges of one status, newest first, over all partitions. */
export function exchangePositions(
  { connections, partitions }: Foundation,
  status: ExchangeStatus,
  count: number,
  after?: Position,
): Promise<Position[]> {
  const keys = partitions.map(({ tag }) => statusIndexKey(tag, status));
  return newestFirst(connections.commands, keys, count, after);
}

/** The exchanges at these places; one that was swept away since is left out. */
export async function exchangesAt(
  { connections, partitions }: Foundation,
  positions: readonly Position[],
): Promise<Exchange[]> {
  const ids = positions.map(({ id }) => Number(id));
  const keys = ids.map((id) => exchangeKey(partitionOfOrder(id, partitions).tag, id));
  const hashes = await readHashes(connections.commands, keys);
  return ids.flatMap((id, i) => (hashes[i] ? [exchangeOf(id, hashes[i])] : []));
}
