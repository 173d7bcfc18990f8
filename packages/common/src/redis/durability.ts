import type { Redis } from 'ioredis';

export type Durability = { durability: 'memory' | 'everysec' | 'always'; replicas: number };

/** What survives when Redis dies now: nothing, all but the last second, or everything that was answered. */
export async function durabilityOf(redis: Redis): Promise<Durability> {
  const info = await redis.info('persistence', 'replication');
  const replicas = Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0);
  if (!/^aof_enabled:1/m.test(info)) return { durability: 'memory', replicas };
  const policy = await fsyncPolicy(redis);
  return { durability: policy === 'always' ? 'always' : 'everysec', replicas };
}

/** Managed servers forbid CONFIG: the default is then the honest guess. */
async function fsyncPolicy(redis: Redis): Promise<string> {
  const reply = (await redis.config('GET', 'appendfsync').catch(() => [])) as string[];
  return reply[1] ?? 'everysec';
}
