import type { Partition } from 'common/partition/partition';
import type { Connections } from 'common/redis/connections';
import { gauge } from 'common/telemetry/metrics';
import type { Registry } from 'prom-client';
import { type GroupBacklog, readBacklog } from './backlog.ts';

/**
 * How far a group is behind, as gauges that ask Redis when they are scraped and not before. While Redis is away they keep
 * what they had.
 */
export function backlogMetrics(
  registry: Registry,
  group: string,
  partitions: readonly Partition[],
  connections: Connections,
): void {
  let asked: Promise<{ partition: number; own: GroupBacklog }[]> | undefined;

  /** A scrape asks every gauge at once: they share one answer. */
  const ask = () => {
    // A connection that is lost in this very moment must not spoil the scrape of everything else.
    asked ??= read()
      .catch(() => [])
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };

  const read = async () => {
    const found = partitions.map(async ({ tag, index }) => {
      const groups = await readBacklog(connections.commands, tag);
      return groups.filter((each) => each.group === group).map((own) => ({ partition: index, own }));
    });
    return (await Promise.all(found)).flat();
  };

  const backlogGauge = (name: string, help: string, measure: (backlog: GroupBacklog) => number | undefined) =>
    gauge(registry, {
      name: `saga_actor_${name}`,
      help,
      labels: ['group', 'partition'],
      async collect() {
        for (const { partition, own } of await ask()) {
          const value = measure(own);
          if (value !== undefined) this.set({ group, partition }, value);
        }
      },
    });

  backlogGauge('lag', 'Entries of the log that the group has not read', ({ lag }) => lag);
  backlogGauge('pending', 'Entries that were handed back and are not done yet', ({ pending }) => pending);
  backlogGauge(
    'oldest_unread_seconds',
    "Age of the oldest entry that the group has not read, by Redis' clock",
    ({ oldestUnreadMs }) => oldestUnreadMs / 1_000,
  );
}
