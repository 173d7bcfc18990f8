import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type RunningSystem = {
  gateway: string;
  redisUrl: string;
  services: { name: string; pid: number }[];
  stop(): Promise<void>;
};

type RunFile = { redis: { url: string }; services: { name: string; pid: number | null; url: string }[] };

const READY_MS_MAX = 60_000;

/** Starts everything as `npm start` does, in a folder and on ports of its own. */
export async function runSystem(env: NodeJS.ProcessEnv = {}): Promise<RunningSystem> {
  const data = await mkdtemp(join(tmpdir(), 'saga-bench-'));
  // Below the range from which the system gives ports to connections that go out.
  const portOffset = 1_000 + Math.floor(Math.random() * 20_000);
  const launcher = join(import.meta.dirname, '../packages/launcher/src/main.ts');
  const child = spawn(process.execPath, [launcher, '--data', data, '--port-offset', String(portOffset)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, LOG_LEVEL: 'warn', ...env },
  });
  const exited = once(child, 'exit');
  const gateway = `http://127.0.0.1:${8088 + portOffset}`;
  for (const end = Date.now() + READY_MS_MAX; ; await sleep(100)) {
    const ready = await fetch(`${gateway}/readyz`).catch(() => undefined);
    if (ready?.ok) break;
    if (Date.now() > end || child.exitCode !== null) throw new Error('the system did not become ready');
  }
  const run = JSON.parse(await readFile(join(data, 'run.json'), 'utf8')) as RunFile;
  return {
    gateway,
    redisUrl: run.redis.url,
    services: run.services.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }])),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(data, { recursive: true, force: true });
    },
  };
}
