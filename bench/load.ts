import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { cpuSeconds, redisCpuSeconds } from './cpuSeconds.ts';
import { deadlineLateness } from './deadlineLateness.ts';
import { LoadGenerator, USERS } from './loadGenerator.ts';
import { percentile } from './percentile.ts';
import { runSystem } from './runningSystem.ts';

/**
 * How many orders a second go through the gateway, how soon an order is approved and how late a deadline fires, on this
 * machine with the load generator on the same cores: a closed loop, an open loop and orders that nobody prices, on one system.
 *
 *   npm run bench -- --seconds 20 --in-flight 64 --rate 100
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    'in-flight': { type: 'string', default: '64' },
    rate: { type: 'string', default: '100' },
  },
});
const seconds = Number(values.seconds);
const inFlight = Number(values['in-flight']);
const rate = Number(values.rate);

const WARM_UP_S = 3;
const DEADLINES = 200;
const STATUSES = [
  'APPROVED',
  'REJECTED DUE TO POINT LIMIT',
  'REJECTED DUE TO DEADLINE',
  'REJECTED DUE TO EXCHANGE ERROR',
];

const system = await runSystem();
const redis = new Redis(system.redisUrl, { protocol: 2 });
try {
  const load = await LoadGenerator.start(system.gateway, inFlight);
  await load.asFastAsAnswered(Math.min(WARM_UP_S, seconds));
  await closedLoop(load);
  await openLoop(load);
  await deadlines();
  load.stop();
} finally {
  redis.disconnect();
  await system.stop();
}

/** Orders as fast as they are answered; then until every one of them is settled. */
async function closedLoop(load: LoadGenerator): Promise<void> {
  const before = await usage();
  const began = performance.now();
  const statuses = await load.asFastAsAnswered(seconds);
  const loaded = (performance.now() - began) / 1_000;
  const accepted = statuses.get(201) ?? 0;
  while ((await settledCount()) - before.settled < accepted) await sleep(20);
  const settled = (performance.now() - began) / 1_000;
  const after = await usage();

  const microseconds = (cpu: number) => `${((cpu / accepted) * 1e6).toFixed(0)} us/order`;
  const lateMs = ((settled - loaded) * 1_000).toFixed(0);
  console.log(`closed loop: ${inFlight} in flight for ${seconds} s, answers ${JSON.stringify([...statuses])}`);
  console.log(`  accepted  ${Math.round(accepted / loaded)} orders/s`);
  console.log(`  settled   ${Math.round(accepted / settled)} orders/s, the last one ${lateMs} ms after the load`);
  console.log(
    `  CPU       services ${microseconds(after.node - before.node)}, Redis ${microseconds(after.redis - before.redis)},` +
      ` load generator ${microseconds(after.own - before.own)}`,
  );
  console.log(`  memory    ${Math.round((after.bytes - before.bytes) / accepted)} bytes of Redis per settled order`);
}

/** Orders at a steady rate, each waiting for its own approval. */
async function openLoop(load: LoadGenerator): Promise<void> {
  const latencies = await load.atRate(rate, seconds);
  console.log(`open loop: ${rate} orders/s for ${seconds} s, POST with Prefer: wait until APPROVED is answered`);
  console.log(`  latency   ${spread(latencies, 1)}`);
}

/** Deadlines that pass, one after the other. */
async function deadlines(): Promise<void> {
  const lateness = await deadlineLateness(system.gateway, USERS, DEADLINES);
  console.log(`deadlines: ${DEADLINES} that pass, 20 a second`);
  console.log(`  lateness  ${spread(lateness, 0)}`);
}

function spread(sortedMs: readonly number[], digits: number): string {
  const shown = (share: number) => percentile(sortedMs, share).toFixed(digits);
  return `p50 ${shown(0.5)} ms, p99 ${shown(0.99)} ms, max ${shown(1)} ms`;
}

/** Seconds of CPU used so far, orders settled, and bytes that Redis holds. */
async function usage() {
  const { user, system: kernel } = process.cpuUsage();
  return {
    node: cpuSeconds(system.services),
    redis: await redisCpuSeconds(redis),
    own: (user + kernel) / 1e6,
    settled: await settledCount(),
    bytes: Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]),
  };
}

async function settledCount(): Promise<number> {
  const counts = await Promise.all(STATUSES.map((status) => redis.zcard(`order:{0}:status:${status}`)));
  return counts.reduce((sum, count) => sum + count, 0);
}
