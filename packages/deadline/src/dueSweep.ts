import { pause } from 'common/actor/pause';
import type { Partition } from 'common/partition/partition';
import type { Background } from 'common/process/actorService';
import type { Foundation } from 'common/process/foundation';
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
  { connections, partitions }: Foundation,
  drain: DueDrain,
  onNext: (next: WakeUp, partition: Partition) => void,
): Background {
  const stopping = new AbortController();
  const { signal } = stopping;
  const warn = rareWarning(logger, 'sweeping due deadlines failed, trying again');
  let running = Promise.resolve();

  const sweep = async (partition: Partition) => {
    const { next } = await drain(partition, 'sweep');
    if (next) onNext(next, partition);
  };

  const run = async () => {
    while (!signal.aborted) {
      await pause(SWEEP_EVERY_MS, signal);
      if (signal.aborted || connections.commands.status !== 'ready') continue;
      await Promise.all(partitions.map(sweep)).catch(warn);
    }
  };

  return {
    async start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
