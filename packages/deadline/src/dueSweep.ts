import type { Partition } from 'common/partition/partition';
import type { Background } from 'common/process/background';
import type { Foundation } from 'common/process/foundation';
import { repeatedly } from 'common/process/repeatedly';
import type { ServiceContext } from 'common/process/service';
import type { DueDrain } from './dueDrain.ts';
import { rareWarning } from './rareWarning.ts';
import type { WakeUp } from './wakeUp.ts';

/** How late a deadline may be whose wake-up was lost; it costs one look at the head of a sorted set a second. */
const SWEEP_EVERY_MS = 1_000;

/**
 * The third ring: looks at `due` every second, whatever became of the wake-ups.
 *
 * @param onNext hears what the next deadline needs, so that a lost wake-up is asked for again
 */
export function dueSweep(
  { logger }: ServiceContext,
  foundation: Foundation,
  drain: DueDrain,
  onNext: (next: WakeUp, partition: Partition) => void,
): Background {
  const warn = rareWarning(logger, 'sweeping due deadlines failed, trying again');

  const sweep = async (partition: Partition) => {
    const { next } = await drain(partition, 'sweep');
    if (next) onNext(next, partition);
  };

  const sweepAll = async () => {
    await Promise.all(foundation.partitions.map(sweep));
  };
  return repeatedly(foundation, SWEEP_EVERY_MS, sweepAll, warn);
}
