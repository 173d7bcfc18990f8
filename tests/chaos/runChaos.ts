import { join } from 'node:path';
import type { RedisSource } from 'launcher/redis/way';
import { check, type Verdict } from './checker/check.ts';
import { readState } from './checker/readState.ts';
import { Load } from './client/load.ts';
import { setRates } from './client/setRates.ts';
import { runFaults } from './faults/runFaults.ts';
import { schedule } from './faults/schedule.ts';
import { type FaultRecord, HistoryFile, readHistory, type Stall } from './history.ts';
import { watchStalls } from './stalls.ts';
import { untilDrained } from './untilDrained.ts';
import type { Fsync } from './world/chaosRedis.ts';
import { startWorld, type World } from './world/world.ts';

export type ChaosOptions = {
  orders: number;
  faults: number;
  seed: number;
  /** Over how long orders and faults are spread; it takes longer where answers do. */
  seconds: number;
  fsync: Fsync;
  /** Only faults whose name holds this. */
  only?: string;
};

export type ChaosResult = Verdict & {
  /** Faults by kind, and those that were not possible at their moment. */
  faults: FaultRecord[];
  skipped: string[];
  /** How long Redis or the order service did not answer, in ms, and how often. */
  stalls: { times: number; ms: number };
  /** Answers by request and status. */
  answers: Map<string, number>;
  seconds: number;
  redis: string;
};

export type ChaosSurroundings = {
  source: RedisSource;
  /** Is there, and holds nothing of another run; the data of Redis, the history and the services' logs stay in it. */
  dir: string;
  onProgress(line: string): void;
};

const DRAIN_MS_MAX = 300_000;
const PROGRESS_EVERY_MS = 5_000;

/** One run: the world, faults and orders at the same time, then quiet, then the checker. */
export async function runChaos(options: ChaosOptions, surroundings: ChaosSurroundings): Promise<ChaosResult> {
  const { source, dir, onProgress } = surroundings;
  const begun = performance.now();
  const history = new HistoryFile(join(dir, 'history.jsonl'));
  const world = await startWorld(source, { dir, fsync: options.fsync });
  try {
    const { answers, ...storm } = await storms(world, options, history, onProgress);
    const redis = await world.redis.admin((admin) => admin.info('server'));
    const seen = await readHistory(history.path);
    seen.crashes.push(...world.instances.flatMap(({ crashes }) => crashes));
    onProgress('drained; reading what Redis holds');
    const state = await world.redis.admin((admin) => readState(admin, world.partitions));
    const verdict = check(seen, state);
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const { faults, stalls } = seen;
    return { ...verdict, ...storm, answers, faults, stalls: sumOf(stalls), seconds, redis: versionIn(redis) };
  } finally {
    await world.stop();
  }
}

/** Orders and faults side by side, until both are over and the system has come to rest. */
async function storms(world: World, options: ChaosOptions, history: HistoryFile, onProgress: (line: string) => void) {
  const { orders, seed, seconds } = options;
  const planned = schedule(options);
  const skipped: string[] = [];
  let count = 0;
  const failing = new AbortController();
  const load = new Load(world.gateway, history, seed);
  await setRates(world.gateway);
  await load.openAccounts();
  const tell = () => {
    const { orders: asked, accepted, inFlight } = load.counts;
    onProgress(
      `${asked} of ${orders} orders asked for, ${accepted} answered 201, ${inFlight} in flight, ${count} faults`,
    );
  };
  const timer = setInterval(tell, PROGRESS_EVERY_MS);
  const endWatch = watchStalls(world, (stall) => history.add(stall));
  const ears = {
    onFault(record: FaultRecord) {
      count += 1;
      history.add(record);
    },
    onSkipped: (name: string, why: string) => void skipped.push(`${name}: ${why}`),
  };
  const failed = (error: unknown) => failing.abort(error);
  try {
    // Both are waited for: what is under way still writes to the history.
    await Promise.all([
      load.run(orders, seconds, failing.signal).catch(failed),
      runFaults(world, planned, ears, failing.signal).catch(failed),
    ]);
    failing.signal.throwIfAborted();
    tell();
    await world.redis.admin((admin) => untilDrained(admin, world.partitions, DRAIN_MS_MAX));
  } finally {
    clearInterval(timer);
    await endWatch();
    await load.close();
    await history.close();
  }
  return { skipped, answers: load.answers };
}

const sumOf = (stalls: readonly Stall[]) => ({
  times: stalls.length,
  ms: stalls.reduce((sum, { from, to }) => sum + to - from, 0),
});

function versionIn(info: string): string {
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  return field('valkey_version') ? `Valkey ${field('valkey_version')}` : `Redis ${field('redis_version')}`;
}
