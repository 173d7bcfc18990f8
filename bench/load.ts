import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { cpuSeconds, redisCpuSeconds } from './cpuSeconds.ts';
import { percentile } from './percentile.ts';
import { runSystem } from './runningSystem.ts';

/**
 * How many orders a second go through the gateway and how soon an order is approved, on this machine with the load
 * generator on the same cores. One closed loop for the rate, one open loop for the latency, both on one system.
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

const USERS = 500;
const POINTS = 9_000_000_000;

const system = await runSystem();
const pool = new Pool(system.gateway, { connections: Math.max(inFlight, 64), pipelining: 1 });
const redis = new Redis(system.redisUrl, { protocol: 2 });

try {
  await openAccounts();
  await closedLoop(Math.min(3, seconds), true);
  await closedLoop(seconds, false);
  await openLoop(seconds);
} finally {
  redis.disconnect();
  await pool.close();
  await system.stop();
}

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await pool.request({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.body.text();
  return { status: response.statusCode, text };
}

async function openAccounts(): Promise<void> {
  for (let i = 0; i < USERS; i++) {
    const { status, text } = await post('/points', { userId: `user-${i}`, point: POINTS });
    if (status !== 201) throw new Error(`opening an account answered ${status}: ${text}`);
  }
}

function order(i: number) {
  return { holderId: `user-${i % USERS}`, currencyId: '1', amount: 1 + (i % 100) };
}

/** As fast as answers come back, `inFlight` at a time; then until every order is settled. */
async function closedLoop(forSeconds: number, warmUp: boolean): Promise<void> {
  const memory = await usedMemory();
  const settledBefore = await settledCount();
  const cpu = { node: cpuSeconds(system.services), redis: await redisCpuSeconds(redis) };
  const statuses = new Map<number, number>();
  const began = performance.now();
  const end = began + forSeconds * 1_000;
  let sent = 0;
  const client = async () => {
    while (performance.now() < end) {
      sent += 1;
      const { status } = await post('/orders', order(sent));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  const loaded = (performance.now() - began) / 1_000;
  const accepted = statuses.get(201) ?? 0;
  while ((await settledCount()) - settledBefore < accepted) await new Promise((resolve) => setTimeout(resolve, 20));
  const drained = (performance.now() - began) / 1_000;
  if (warmUp) return;

  const nodeCpu = cpuSeconds(system.services) - cpu.node;
  const redisCpu = (await redisCpuSeconds(redis)) - cpu.redis;
  const grown = (await usedMemory()) - memory;
  console.log(`closed loop: ${inFlight} in flight for ${forSeconds} s, answers ${JSON.stringify([...statuses])}`);
  console.log(`  accepted  ${Math.round(accepted / loaded)} orders/s`);
  console.log(
    `  settled   ${Math.round(accepted / drained)} orders/s, the last one ${((drained - loaded) * 1_000).toFixed(0)} ms after the load`,
  );
  console.log(
    `  CPU       Node ${((nodeCpu / accepted) * 1e6).toFixed(0)} us/order, Redis ${((redisCpu / accepted) * 1e6).toFixed(0)} us/order`,
  );
  console.log(`  memory    ${Math.round(grown / accepted)} bytes of Redis per settled order`);
}

/** A steady rate, whatever the answers do: an order a tick, each waiting for its own approval. */
async function openLoop(forSeconds: number): Promise<void> {
  const latencies: number[] = [];
  const answers: Promise<void>[] = [];
  const began = performance.now();
  for (let i = 0; i < rate * forSeconds; i++) {
    const due = began + (i * 1_000) / rate;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    answers.push(approve(i, latencies));
  }
  await Promise.all(answers);
  latencies.sort((a, b) => a - b);
  const [p50, p99, max] = [percentile(latencies, 0.5), percentile(latencies, 0.99), latencies.at(-1) ?? 0];
  console.log(`open loop: ${rate} orders/s for ${forSeconds} s, POST with Prefer: wait until APPROVED is answered`);
  console.log(`  latency   p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`);
}

async function approve(i: number, latencies: number[]): Promise<void> {
  const sent = performance.now();
  const { status, text } = await post('/orders', order(i), { prefer: 'wait=10' });
  if (status !== 201 || !text.includes('"APPROVED"')) throw new Error(`order ${i} was answered ${status}: ${text}`);
  latencies.push(performance.now() - sent);
}

async function usedMemory(): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}

async function settledCount(): Promise<number> {
  const keys = [
    'APPROVED',
    'REJECTED DUE TO POINT LIMIT',
    'REJECTED DUE TO DEADLINE',
    'REJECTED DUE TO EXCHANGE ERROR',
  ];
  const counts = await Promise.all(keys.map((status) => redis.zcard(`order:{0}:status:${status}`)));
  return counts.reduce((sum, count) => sum + count, 0);
}
