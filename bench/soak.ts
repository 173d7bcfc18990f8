import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { Pool } from 'undici';
import { residentBytes } from './residentBytes.ts';
import { runSystem } from './runningSystem.ts';
import { type Series, timePlot } from './timePlot.ts';

/**
 * Whether anything grows: a steady load with a retention of a minute, and every few seconds the memory of Redis and of every
 * process, and how much Redis keeps. After two minutes all of it should be flat; the plot shows it.
 *
 *   npm run soak -- --minutes 10 --rate 200 --plot docs/soak.svg
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '200' },
    plot: { type: 'string', default: '.data/soak.svg' },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);

const RETENTION_MS = 60_000;
const SAMPLE_MS = 5_000;
const WARM_UP_S = 120;
const USERS = 200;
/** Every so many orders one is more than its account can ever cover. */
const POOR_EVERY = 20;

type Sample = { seconds: number; values: Record<string, number> };

const system = await runSystem({ RETENTION_MS: String(RETENTION_MS) });
const pool = new Pool(system.gateway, { connections: 64, pipelining: 1 });
const redis = new Redis(system.redisUrl, { protocol: 2 });
const samples: Sample[] = [];
const statuses = new Map<number, number>();

try {
  for (let i = 0; i < USERS; i++) await post('/points', { userId: `user-${i}`, point: 1_000_000_000 });
  await run();
  await sleep(3 * RETENTION_MS);
  samples.push(await sample(minutes * 60 + (3 * RETENTION_MS) / 1_000));
  await tell();
} finally {
  redis.disconnect();
  await pool.close();
  await system.stop();
}

async function post(path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const response = await pool.request({ path, method: 'POST', headers, body: JSON.stringify(body) });
  await response.body.dump();
  return response.statusCode;
}

async function run(): Promise<void> {
  const began = performance.now();
  let nextSample = 0;
  for (let i = 0; i < minutes * 60 * rate; i++) {
    const early = began + (i * 1_000) / rate - performance.now();
    if (early > 1) await sleep(early);
    void place(i);
    if (performance.now() - began >= nextSample) {
      samples.push(await sample((performance.now() - began) / 1_000));
      nextSample += SAMPLE_MS;
    }
  }
}

async function place(i: number): Promise<void> {
  const amount = i % POOR_EVERY === 0 ? 2_000_000_000 : 1 + (i % 50);
  const status = await post('/orders', { holderId: `user-${i % USERS}`, currencyId: '1', amount }).catch(() => 0);
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

async function sample(seconds: number): Promise<Sample> {
  const memory = await redis.info('memory');
  const megabytes = (bytes: number) => bytes / 1_048_576;
  const processes = Object.fromEntries(
    system.services.map(({ name, pid }) => [`${name} MB`, megabytes(residentBytes(pid))]),
  );
  const used = Number(/^used_memory:(\d+)/m.exec(memory)?.[1]);
  const [keys, entries] = await Promise.all([redis.dbsize(), redis.xlen('choreography.deadline:{0}')]);
  const values = {
    'Redis MB': megabytes(used),
    ...processes,
    'keys / 1000': keys / 1_000,
    'entries / 1000': entries / 1_000,
  };
  console.log(`${seconds.toFixed(0).padStart(4)} s  ${shown(values)}`);
  return { seconds, values };
}

function shown(values: Record<string, number>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(1)}`)
    .join('  ');
}

/**
 * The plot, and for each line what it was in the first and in the last third after the warm-up: mean and lowest. A process' memory
 * is a saw: what its garbage collector leaves is the lowest, and a leak lets that grow.
 */
async function tell(): Promise<void> {
  const loaded = samples.filter(({ seconds }) => seconds <= minutes * 60);
  const warm = loaded.filter(({ seconds }) => seconds >= WARM_UP_S);
  const third = Math.floor(warm.length / 3);
  const series: Series[] = Object.keys(loaded[0]?.values ?? {}).map((name) => ({
    name,
    points: loaded.map(({ seconds, values }) => ({ x: seconds, y: values[name] ?? 0 })),
  }));
  for (const { name } of series) {
    const part = (samples: Sample[]) => {
      const found = samples.map(({ values }) => values[name] ?? 0);
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
      return `mean ${mean.toFixed(1).padStart(6)}, lowest ${Math.min(...found)
        .toFixed(1)
        .padStart(6)}`;
    };
    console.log(
      `${name.padEnd(15)} first third: ${part(warm.slice(0, third))}   last third: ${part(warm.slice(-third))}`,
    );
  }
  console.log(`answers ${JSON.stringify([...statuses])}`);
  console.log(`left after the load and its retention: ${shown(samples.at(-1)?.values ?? {})}; ${await leftOvers()}`);
  await mkdir(dirname(values.plot), { recursive: true });
  await writeFile(values.plot, timePlot(`${rate} orders/s, retention ${RETENTION_MS / 1_000} s`, series));
  console.log(`plot: ${values.plot}`);
}

/** Nothing of the orders may be left: no pending entry, no request key, no BullMQ job, and only live consumers. */
async function leftOvers(): Promise<string> {
  const groups = (await redis.xinfo('GROUPS', 'choreography.deadline:{0}')) as (string | number)[][];
  const told = groups.map((group) => `${group[1]}: ${group[3]} consumers, ${group[5]} pending`);
  const kinds = new Map<string, number>();
  for (const key of await redis.keys('*')) {
    const kind = key.replace(/\d{2,}|(?<=:)\d+$/g, 'N').replace(/user-\w+/, 'U');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return `${told.join('; ')}; keys ${JSON.stringify(Object.fromEntries(kinds))}`;
}
