import { LogTail } from 'common/log/logTail';
import { partitionOfOrder } from 'common/partition/partition';
import type { Background } from 'common/process/background';
import type { Foundation } from 'common/process/foundation';

export type LogTails = Background & {
  /** The live end of the log that an order's events are in. */
  of(orderId: number): LogTail;
};

/** One tail a partition; each opens its connection when somebody waits. */
export function logTails({ connections, partitions }: Foundation): LogTails {
  const tails = new Map(partitions.map((partition) => [partition.index, new LogTail(connections, partition)]));
  return {
    of(orderId) {
      const { index } = partitionOfOrder(orderId, partitions);
      const tail = tails.get(index);
      if (!tail) throw new RangeError(`no tail of partition ${index}`);
      return tail;
    },
    async start() {},
    async stop() {
      for (const tail of tails.values()) tail.stop();
    },
  };
}
