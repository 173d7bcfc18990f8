import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Partition, partitionsOf } from 'common/partition/partition';
import { killQuietly } from 'launcher/processes/isAlive';
import type { RedisSource } from 'launcher/redis/way';
import { freePort } from '../../kit/freePort.ts';
import { RedisProxy } from '../../kit/redisProxy.ts';
import { ChaosRedis, type Fsync } from './chaosRedis.ts';
import { Instance } from './instance.ts';

/** Two of those that hand entries back and forth, so that claims matter; the gateway knows the first of each. */
const INSTANCES = [
  { name: 'order', service: 'order' },
  { name: 'exchange', service: 'exchange' },
  { name: 'exchange-2', service: 'exchange' },
  { name: 'point', service: 'point' },
  { name: 'point-2', service: 'point' },
  { name: 'deadline', service: 'deadline' },
  { name: 'gateway', service: 'gateway' },
] as const;

const PARTITIONS = 2;
const PACKAGES = join(import.meta.dirname, '../../../packages');

export type World = {
  redis: ChaosRedis;
  proxy: RedisProxy;
  instances: readonly Instance[];
  gateway: string;
  partitions: readonly Partition[];
  /** Ends all of it; the data stays. */
  stop(): Promise<void>;
};

/** Starts a Redis with its data in `dir`, the proxy before it and every service behind that, as processes. */
export async function startWorld(source: RedisSource, { dir, fsync }: { dir: string; fsync: Fsync }): Promise<World> {
  const logs = join(dir, 'logs');
  await mkdir(logs, { recursive: true });
  const redis = new ChaosRedis(source, { dir: join(dir, 'redis'), port: await freePort(), fsync });
  await redis.start();
  const proxy = await RedisProxy.start(redis.port);
  const instances = await servicesBehind(proxy.port, logs);
  // The last way out: a run that fails leaves nothing behind, and nothing frozen.
  const killAll = () => [redis.pid, ...instances.map(({ pid }) => pid)].forEach(killQuietly);
  process.on('exit', killAll);
  const stop = async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await proxy.close();
    await redis.stop();
    process.off('exit', killAll);
  };
  try {
    for (const instance of instances) instance.start();
    await Promise.all(instances.map((instance) => instance.untilUp()));
  } catch (error) {
    await stop();
    throw error;
  }
  const gateway = instances.find(({ name }) => name === 'gateway')?.url ?? '';
  return { redis, proxy, instances, gateway, partitions: partitionsOf(PARTITIONS), stop };
}

async function servicesBehind(redisPort: number, logs: string): Promise<Instance[]> {
  const placed: { name: string; service: string; port: number }[] = [];
  for (const each of INSTANCES) placed.push({ ...each, port: await freePort() });
  const urlOf = (wanted: string) => `http://127.0.0.1:${placed.find(({ name }) => name === wanted)?.port}`;
  const upstreams = ['order', 'exchange', 'point', 'deadline'].map((name) => [
    `${name.toUpperCase()}_URL`,
    urlOf(name),
  ]);
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    PARTITIONS: String(PARTITIONS),
    RUN_FILE: '',
    ...Object.fromEntries(upstreams),
  };
  return placed.map(
    ({ name, service, port }) =>
      new Instance({
        name,
        url: urlOf(name),
        args: [join(PACKAGES, service, 'src/main.ts')],
        env: { ...env, PORT: String(port) },
        logFile: join(logs, `${name}.log`),
      }),
  );
}
