import { partitionOfOrder } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { readHashes } from 'common/redis/hashes';
import { newestFirst, type Position } from 'common/redis/newestFirst';
import { type Deadline, deadlineOf } from './deadline.ts';
import { deadlineKey, dueKey } from './keys.ts';

/** The deadline of one order, or undefined. */
export async function findDeadline(
  { connections, partitions }: Foundation,
  orderId: number,
): Promise<Deadline | undefined> {
  const { tag } = partitionOfOrder(orderId, partitions);
  const [hash] = await readHashes(connections.commands, [deadlineKey(tag, orderId)]);
  return hash && deadlineOf(orderId, hash);
}

/** Up to `count` places of pending deadlines, the latest first, over all partitions. */
export function pendingPositions(
  { connections, partitions }: Foundation,
  count: number,
  after?: Position,
): Promise<Position[]> {
  const keys = partitions.map(({ tag }) => dueKey(tag));
  return newestFirst(connections.commands, keys, count, after);
}

/** The deadlines at these places; one that is over since is left out. */
export async function pendingAt(
  { connections, partitions }: Foundation,
  positions: readonly Position[],
): Promise<Deadline[]> {
  const ids = positions.map(({ id }) => Number(id));
  const keys = ids.map((id) => deadlineKey(partitionOfOrder(id, partitions).tag, id));
  const hashes = await readHashes(connections.commands, keys);
  return ids
    .flatMap((id, i) => (hashes[i] ? [deadlineOf(id, hashes[i])] : []))
    .filter(({ status }) => status === 'SCHEDULED');
}
