import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningRedis } from 'launcher/redis/runningRedis';
import { startRedis } from 'launcher/redis/startRedis';
import { inject } from 'vitest';
import { freePort } from './freePort.ts';
import { pidFileName } from './sweep.ts';

/** A Redis of one test's own: real, on a free port, with its own data. */
export type TestRedis = {
  readonly url: string;
  readonly port: number;
  /** Undefined in a container; another one after restart(). */
  readonly pid: number | undefined;
  /** Ends it in order and removes its data. Call it in afterAll; the end of the test process does it otherwise. */
  stop(): Promise<void>;
  /** Ends it as SIGKILL does; the data stays for restart(). */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data; one that still runs is stopped in order first. */
  restart(): Promise<void>;
};

export type TestRedisSettings = {
  /** Whether what was written survives kill() and restart(); off by default, for it costs time. */
  appendonly?: boolean;
  args?: readonly string[];
};

const portAttempts = 5;
const runningPids = new Set<number>();
const folders = new Set<string>();

// The last way out: a test that failed before it stopped its server leaves nothing behind either.
process.on('exit', () => {
  for (const pid of runningPids) killQuietly(pid);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Starts a Redis from the source that tests/kit/globalSetup.ts has found. */
export async function startTestRedis(settings: TestRedisSettings = {}): Promise<TestRedis> {
  const dir = await mkdtemp(join(inject('redisHome'), 'server-'));
  folders.add(dir);
  let server = await startOnFreePort(dir, settings);
  return {
    url: server.url,
    port: server.port,
    get pid() {
      return server.pid;
    },
    async stop() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
      folders.delete(dir);
    },
    kill: () => server.kill(),
    async restart() {
      await server.stop();
      server = await start(dir, server.port, settings);
    },
  };
}

/** Between finding a free port and listening on it another test may take it. */
async function startOnFreePort(dir: string, settings: TestRedisSettings): Promise<RunningRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(dir, await freePort(), settings);
    } catch (error) {
      if (attempt === portAttempts) throw error;
    }
  }
}

async function start(dir: string, port: number, settings: TestRedisSettings): Promise<RunningRedis> {
  const { appendonly = false, args = [] } = settings;
  const source = inject('redisSource');
  const pidFile = source.kind === 'binary' ? ['--pidfile', join(dir, pidFileName(port))] : [];
  const server = await startRedis(source, { port, dir, appendonly, args: [...pidFile, ...args] });
  const { pid } = server;
  if (pid !== undefined) {
    runningPids.add(pid);
    void server.exited.then(() => runningPids.delete(pid));
  }
  return server;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself, and nobody was told yet.
  }
}
