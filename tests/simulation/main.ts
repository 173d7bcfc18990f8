import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { findRedis } from 'launcher/redis/findRedis';
import { startRedis } from 'launcher/redis/startRedis';
import { freePort } from '../kit/freePort.ts';
import { type Simulated, simulate } from './simulate.ts';
import { createStage } from './stage.ts';

const ORDERS = 100_000;
const TELL_EVERY_MS = 2_000;

const number = (text: string, name: string) => {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`simulate: --${name} must be a whole number, but is ${text}`);
  process.exit(2);
};

const { values } = parseArgs({ options: { seed: { type: 'string' }, orders: { type: 'string' } } });
const seed = number(values.seed ?? String(Date.now() % 1_000_000), 'seed');
const orders = number(values.orders ?? String(ORDERS), 'orders');

// A Redis of its own: a story begins by emptying it. REDIS_URL is somebody's.
const { REDIS_URL, ...env } = process.env;
const source = await findRedis({ env, onProgress: (message) => console.error(`redis: ${message}`) });
const dir = await mkdtemp(join(tmpdir(), 'saga-simulation-'));
const server = await startRedis(source, { port: await freePort(), dir, appendonly: false });
const redis = new Redis(server.url, { protocol: 2 });
const stopping = new AbortController();
for (const end of ['SIGINT', 'SIGTERM'] as const) process.once(end, () => stopping.abort());
let simulated: Simulated;
try {
  console.log(`simulate: seed ${seed}, ${orders} orders`);
  let toldAt = performance.now();
  simulated = await simulate(createStage(redis), { seed, orders, signal: stopping.signal }, (now) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    console.log(`  ${line(now)}`);
  });
} finally {
  redis.disconnect();
  await server.stop();
  await rm(dir, { recursive: true, force: true });
}

const { finding } = simulated;
if (finding) {
  console.log(
    `\nThe shortest story that breaks it:\n${finding.story.map((step, i) => `${i + 1}. ${step}`).join('\n')}`,
  );
  console.log(`\n${finding.problem}\nagain: npm run simulate -- --seed ${finding.seed} --orders 1`);
}
console.log(`simulation: ${line(simulated)}, seed ${seed}: ${finding ? 'BROKEN' : 'no violation'}`);
process.exitCode = finding ? 1 : 0;

function line({ orders: placed, steps, stories, seconds }: Simulated): string {
  const rate = Math.round(placed / Math.max(seconds, 0.001));
  return `${placed} orders, ${steps} steps, ${stories} stories, ${seconds.toFixed(1)} s (${rate} orders/s)`;
}
