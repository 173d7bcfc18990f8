import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { until } from '../../kit/until.ts';
import type { ChaosRedis } from '../world/chaosRedis.ts';
import { type Begun, type Fault, RECONNECT_MS } from './fault.ts';

/** How far below what is used the limit is set. */
const BELOW_BYTES = 1_000_000;

const info = async (admin: Redis, section: string, field: string) =>
  new RegExp(`^${field}:(\\S+)`, 'm').exec(await admin.info(section))?.[1] ?? '';

/** How long orders are held up before it, so that some are under way in it. */
const HELD_UP_MS = 700;

/** Settling must go on: this is no outage. Only new orders are refused. */
const maxmemory: Fault = {
  name: 'Redis at maxmemory',
  lane: 'redis',
  holdMs: [1_000, 5_000],
  returnMs: 0,
  async begin({ redis, instances }) {
    const exchanges = instances.filter(({ name }) => name.startsWith('exchange'));
    for (const exchange of exchanges) exchange.freeze(true);
    try {
      await wait(HELD_UP_MS);
      return await fill(redis);
    } finally {
      for (const exchange of exchanges) exchange.freeze(false);
    }
  },
};

const fill = (redis: ChaosRedis): Promise<Begun> =>
  redis.admin(async (admin) => {
    const bytes = Number(await info(admin, 'memory', 'used_memory')) - BELOW_BYTES;
    await admin.config('SET', 'maxmemory', bytes);
    const full = { from: Date.now(), to: 0 };
    const undo = async () => {
      full.to = Date.now();
      await setConfig(redis, 'maxmemory', '0');
    };
    return { detail: `${bytes} bytes`, full, undo };
  });

const noReplicas: Fault = {
  name: 'Redis read-only (NOREPLICAS)',
  lane: 'redis',
  holdMs: [500, 4_000],
  returnMs: RECONNECT_MS,
  async begin({ redis }) {
    await setConfig(redis, 'min-replicas-to-write', '1');
    return { detail: '', outage: 'redis', undo: () => setConfig(redis, 'min-replicas-to-write', '0') };
  },
};

/** A failover that went wrong for a while: a replica of nobody keeps its data and takes no write. */
const replica: Fault = {
  name: 'Redis read-only (READONLY)',
  lane: 'redis',
  holdMs: [500, 4_000],
  returnMs: RECONNECT_MS,
  async begin({ redis }) {
    // Nothing listens there: it never copies anything.
    await redis.admin((admin) => admin.replicaof('127.0.0.1', 1));
    const undo = () => redis.admin(async (admin) => void (await admin.replicaof('NO', 'ONE')));
    return { detail: '', outage: 'redis', undo };
  },
};

/** A background save into a folder that is gone fails, and Redis then refuses every write, as with a full disk. */
const diskFull: Fault = {
  name: 'disk full (MISCONF)',
  lane: 'redis',
  holdMs: [500, 4_000],
  returnMs: RECONNECT_MS,
  begin: ({ redis }) =>
    redis.admin(async (admin): Promise<Begun> => {
      const rewritten = async () => (await info(admin, 'persistence', 'aof_rewrite_in_progress')) === '0';
      await until('no rewrite of the append-only file to be under way', rewritten, { timeoutMs: 15_000 });
      await failSave(admin, redis.dir);
      return { detail: '', outage: 'redis', undo: () => setConfig(redis, 'save', '') };
    }),
};

async function failSave(admin: Redis, dir: string): Promise<void> {
  const gone = await mkdtemp(join(tmpdir(), 'saga-gone-'));
  // While the folder is the wrong one nothing else may begin to write a file.
  await admin.config('SET', 'auto-aof-rewrite-percentage', 0);
  await admin.config('SET', 'dir', gone);
  try {
    await rmdir(gone);
    await admin.config('SET', 'save', '3600 1000000');
    await admin.bgsave().catch(() => {});
    await until(
      'the save to fail',
      async () => (await info(admin, 'persistence', 'rdb_last_bgsave_status')) === 'err',
      { timeoutMs: 10_000 },
    );
  } catch (error) {
    await admin.config('SET', 'save', '');
    throw error;
  } finally {
    await admin.config('SET', 'dir', dir);
    await admin.config('SET', 'auto-aof-rewrite-percentage', 100);
  }
}

const setConfig = (redis: ChaosRedis, name: string, value: string): Promise<void> =>
  redis.admin(async (admin) => void (await admin.config('SET', name, value)));

export const refusalFaults: readonly Fault[] = [maxmemory, noReplicas, replica, diskFull];
