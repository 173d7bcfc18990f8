import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { portOf, urlOf } from 'launcher/services/serviceEnvironment';
import { type ServiceName, serviceNames } from 'launcher/services/serviceNames';
import { inject } from 'vitest';
import { freePortOffset } from './freePort.ts';
import { type LauncherProcess, startLauncher } from './launcherProcess.ts';
import { startTestRedis, type TestRedis, type TestRedisSettings } from './redis.ts';
import { SagaClient } from './sagaClient.ts';
import { until } from './until.ts';

const main = join(import.meta.dirname, '../../packages/launcher/src/main.ts');
const startAttempts = 3;

/** The whole system as `npm start` runs it: every service a process of its own, on a Redis and on ports of its own. */
export type System = {
  /** Everything through the gateway. */
  readonly client: SagaClient;
  readonly redis: TestRedis;
  urlOf(name: ServiceName): string;
  /** Types a line on the launcher's standard input, and waits until it has said the words since. */
  say(line: string, answer: string): Promise<void>;
  /** The process of a service that runs now. */
  pidOf(name: ServiceName): Promise<number>;
  /** The log of a service so far: where a test fails, it says why. */
  logOf(name: ServiceName): Promise<string>;
  /** Ends the launcher, with it every service, and Redis. Call it in afterAll; the end of the test process does it otherwise. */
  stop(): Promise<void>;
};

/**
 * @param settings.env variables for the services, such as DEADLINE_MS
 * @param settings.redis how its Redis keeps data
 */
export async function startSystem(
  settings: { env?: NodeJS.ProcessEnv; redis?: TestRedisSettings } = {},
): Promise<System> {
  const redis = await startTestRedis(settings.redis);
  const data = await mkdtemp(join(inject('redisHome'), 'system-'));
  const cleanUp = async () => {
    await redis.stop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    const { launcher, portOffset } = await launch(data, { REDIS_URL: redis.url, ...settings.env });
    return running({ redis, data, launcher, portOffset, cleanUp });
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** Between finding free ports and listening on them another test may take one. */
async function launch(
  data: string,
  env: NodeJS.ProcessEnv,
): Promise<{ launcher: LauncherProcess; portOffset: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const portOffset = await freePortOffset(serviceNames.map((name) => portOf(name, 0)));
    const launcher = startLauncher([main], { data, env, args: ['--port-offset', String(portOffset)] });
    try {
      await launcher.untilSays('Ready after', 60_000);
      return { launcher, portOffset };
    } catch (error) {
      await launcher.end();
      if (attempt === startAttempts || !/in use|is taken/i.test(launcher.output())) throw error;
    }
  }
}

type Parts = {
  redis: TestRedis;
  data: string;
  launcher: LauncherProcess;
  portOffset: number;
  cleanUp: () => Promise<void>;
};

function running({ redis, data, launcher, portOffset, cleanUp }: Parts): System {
  return {
    client: new SagaClient(urlOf('gateway', portOffset)),
    redis,
    urlOf: (name) => urlOf(name, portOffset),
    async say(line, answer) {
      const before = launcher.output().length;
      launcher.type(line);
      const said = () => launcher.output().slice(before);
      await until(`'${answer}' after '${line}'`, () => said().includes(answer), { timeoutMs: 20_000 });
    },
    async pidOf(name) {
      const { services } = await launcher.run();
      const pid = services.find((service) => service.name === name)?.pid;
      if (typeof pid !== 'number') throw new Error(`${name} does not run`);
      return pid;
    },
    logOf: (name) => readFile(join(data, 'logs', `${name}.log`), 'utf8'),
    async stop() {
      await launcher.end();
      await cleanUp();
    },
  };
}
