import { partitionOfHolder, partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { readHashes } from 'common/redis/hashes';
import { newestFirst, type Position } from 'common/redis/newestFirst';
import { type Account, accountOf } from './account.ts';
import { accountKey, accountsKey, statusIndexKey, transactionKey } from './keys.ts';
import { type Transaction, type TransactionStatus, transactionOf } from './transaction.ts';

/** The account of one user, or undefined. */
export async function findAccount(
  { connections, partitions }: Foundation,
  userId: string,
): Promise<Account | undefined> {
  const { tag } = partitionOfHolder(userId, partitions);
  const [hash] = await readHashes(connections.commands, [accountKey(tag, userId)]);
  return hash && accountOf(userId, hash);
}

/** The transaction of one order, or undefined. */
export async function findTransaction(
  { connections, partitions }: Foundation,
  orderId: number,
): Promise<Transaction | undefined> {
  const { tag } = partitionOfOrder(orderId, partitions);
  const [hash] = await readHashes(connections.commands, [transactionKey(tag, orderId)]);
  return hash && transactionOf(orderId, hash);
}

/** Up to `count` places of accounts, newest first, over all partitions. */
export function accountPositions(
  { connections, partitions }: Foundation,
  count: number,
  after?: Position,
): Promise<Position[]> {
  const keys = partitions.map(({ tag }) => accountsKey(tag));
  return newestFirst(connections.commands, keys, count, after);
}

/** Up to `count` places of transactions of any of these statuses, newest first, over all partitions. */
export function transactionPositions(
  { connections, partitions }: Foundation,
  statuses: readonly TransactionStatus[],
  count: number,
  after?: Position,
): Promise<Position[]> {
  const keys = partitions.flatMap(({ tag }) => statuses.map((status) => statusIndexKey(tag, status)));
  return newestFirst(connections.commands, keys, count, after);
}

/** The accounts at these places. */
export async function accountsAt(
  { connections, partitions }: Foundation,
  positions: readonly Position[],
): Promise<Account[]> {
  const keys = positions.map(({ id }) => accountKey(partitionOfHolder(id, partitions).tag, id));
  const hashes = await readHashes(connections.commands, keys);
  return positions.flatMap(({ id }, i) => (hashes[i] ? [accountOf(id, hashes[i])] : []));
}

/** The transactions at these places; one that was swept away since is left out. */
export async function transactionsAt(
  { connections, partitions }: Foundation,
  positions: readonly Position[],
): Promise<Transaction[]> {
  const ids = positions.map(({ id }) => Number(id));
  const keys = ids.map((id) => transactionKey(partitionOfOrder(id, partitions).tag, id));
  const hashes = await readHashes(connections.commands, keys);
  return ids.flatMap((id, i) => (hashes[i] ? [transactionOf(id, hashes[i])] : []));
}
