import slotOf from 'cluster-key-slot';

const CLUSTER_SLOTS = 16_384;

/** Where everything about one holder lives. `tag` stands between the braces of every key of the partition. */
export type Partition = { index: number; tag: string };

/**
 * The partitions of a deployment. The tag of partition p is the smallest number whose cluster slot falls into the p-th of
 * `count` equal ranges, so that partitions spread evenly over the masters of a cluster; one partition is `{0}`.
 */
export function partitionsOf(count: number): Partition[] {
  if (count === 1) return [{ index: 0, tag: '0' }];
  return Array.from({ length: count }, (_, index) => ({ index, tag: smallestTagInRange(index, count) }));
}

function smallestTagInRange(index: number, count: number): string {
  for (let tag = 0; ; tag++) {
    if (Math.floor((slotOf(String(tag)) * count) / CLUSTER_SLOTS) === index) return String(tag);
  }
}

/** The partition that a holder (or user) lives in. */
export function partitionOfHolder<P extends Partition>(holderId: string, partitions: readonly P[]): P {
  return at(partitions, slotOf(holderId) % partitions.length);
}

/** The partition that an order lives in: its id carries it, id = (sequence - 1) * count + index + 1. */
export function partitionOfOrder(orderId: number, partitions: readonly Partition[]): Partition {
  return at(partitions, (orderId - 1) % partitions.length);
}

function at<P extends Partition>(partitions: readonly P[], index: number): P {
  const partition = partitions[index];
  if (!partition) throw new RangeError(`no partition ${index} among ${partitions.length}`);
  return partition;
}
