import { randomBytes } from 'node:crypto';
import type { Group } from 'common/events/keys';
import { leaseKey, logKey, retryKey } from 'common/events/keys';
import type { Partition } from 'common/partition/partition';
import type { Connections } from 'common/redis/connections';
import type { Rights } from 'common/script/rights';
import type { ScriptRunner } from 'common/script/scriptRunner';
import { outcomeReader, type SubscribedEvent, type TransitionTable } from 'common/transitions/table';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type ActorMetrics, actorMetrics } from './actorMetrics.ts';
import { actorRights } from './actorRights.ts';
import { actorScripts } from './actorScripts.ts';
import { backlogMetrics } from './backlogMetrics.ts';
import type { Channel } from './channel.ts';
import { HandedBackWork } from './handedBackWork.ts';
import type { Handler } from './handler.ts';
import { Heartbeat } from './heartbeat.ts';
import { Incidents } from './incidents.ts';
import { LogReader } from './logReader.ts';
import { Outcomes } from './outcomes.ts';
import type { DrainReport } from './scripts/drain.ts';

export type ActorOptions<T extends TransitionTable = TransitionTable> = {
  group: Group;
  table: T;
  /** The folder of the service's Lua files. */
  scriptsFolder: string;
  /** Which file decides on which event: one for every event that the table subscribes to. */
  transitionFiles: Readonly<Record<SubscribedEvent<T>, string>>;
  /** Numbers of the configuration that its scripts use as constants: `local RETENTION_MS = 604800000`. */
  settings?: Readonly<Record<string, number>>;
  partitions: readonly Partition[];
  connections: Connections;
  scripts: ScriptRunner;
  logger: Logger;
  registry: Registry;
  /** For events whose transition asks for work outside Redis (`handBack = 'WORK'`), by event type. */
  handlers?: Readonly<Partial<Record<SubscribedEvent<T>, Handler>>>;
  /** Hears the reports of the plans that were applied (a wake-up to ask for), after they were written. */
  onReports?: (reports: readonly string[], partition: Partition) => void;
};

export type Actor = {
  group: Group;
  /** What it does in Redis. */
  rights: Rights;
  start(): Promise<void>;
  /** Stops reading, lets running scripts end, aborts sleeps; what is pending stays pending. */
  stop(): Promise<void>;
  metrics: ActorMetrics;
  incidents: Incidents;
  /** Why it cannot write to the log now; undefined where it can. */
  fault(): string | undefined;
};

/**
 * An actor is a consumer group with a table and its transitions; this is everything else: reading, batches, handing back,
 * retries, claims, dead letters, liveness. One set of loops a partition.
 */
export function createActor<T extends TransitionTable>(options: ActorOptions<T>): Actor {
  const { group, table, partitions, connections, logger } = options;
  const metrics = actorMetrics(options.registry, group);
  backlogMetrics(options.registry, group, partitions, connections);
  const incidents = new Incidents(metrics, group);
  const outcomes = new Outcomes(group, outcomeReader(table), metrics, logger);
  const scripts = actorScripts(table, options.scriptsFolder, options.transitionFiles, options.settings ?? {});
  const consumer = `${group}-${process.pid}-${randomBytes(4).toString('hex')}`;
  let running: { reader: LogReader; work: HandedBackWork; heartbeat: Heartbeat }[] = [];

  const runPartition = (partition: Partition) => {
    const { tag } = partition;
    const channel: Channel = {
      group,
      consumer,
      tag,
      keys: { log: logKey(tag), retry: retryKey(tag, group), lease: leaseKey(tag, group) },
      scripts: options.scripts,
      redis: connections.commands,
      logger: logger.child({ group, partition: partition.index }),
      metrics,
    };
    const onReports = (reports: readonly string[]) => {
      if (reports.length > 0) options.onReports?.(reports, partition);
    };
    const work = new HandedBackWork(channel, {
      handle: scripts.handle,
      handlers: options.handlers ?? {},
      compensations: table.compensations,
      incidents,
      outcomes,
      onReports,
    });
    const heartbeat = new Heartbeat(channel, work, incidents);
    const onReport = (report: DrainReport) => {
      outcomes.count(report);
      onReports(report.reports);
      work.take(report.handedBack);
    };
    const onLost = () => work.suspectMore();
    const reader = new LogReader(channel, connections, scripts.drain, { onReport, onLost });
    return { reader, work, heartbeat };
  };

  return {
    group,
    rights: actorRights(group, scripts),
    metrics,
    incidents,
    fault: () => running.map(({ heartbeat }) => heartbeat.fault).find((fault) => fault !== undefined),
    async start() {
      running = partitions.map(runPartition);
      for (const { reader, work, heartbeat } of running) {
        await reader.ensureGroup();
        work.start();
        heartbeat.start();
        reader.start();
      }
    },
    async stop() {
      await Promise.all(running.map(({ reader }) => reader.stop()));
      await Promise.all(running.map(({ heartbeat }) => heartbeat.stop()));
      await Promise.all(running.map(({ work }) => work.stop()));
    },
  };
}
