import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from 'launcher/processes/isAlive';
import { servicePorts } from 'launcher/services/serviceNames';
import { afterEach, beforeEach, expect, inject } from 'vitest';
import { freePortOffset } from './freePort.ts';
import { type LauncherProcess, startLauncher } from './launcherProcess.ts';

/** The launcher with stand-ins in the place of the services: what it does is seen without waiting for them. */
export const program = join(import.meta.dirname, '../../packages/launcher/standIns/launcher.ts');

/** Whether the launcher starts a Redis program of its own, whose process a test can kill. */
export const own = inject('redisSource').kind === 'binary';

/** The data folder and the port offset of the running test. */
export let data: string;
export let offset: number;
let running: LauncherProcess[] = [];

/** Gives every test of the file a folder and ports of its own, and ends what it has launched. */
export function useStandIns(): void {
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'launcher-'));
    offset = await freePortOffset(Object.values(servicePorts));
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((launcher) => launcher.end()));
    await rm(data, { recursive: true, force: true });
  });
}

/** Starts a launcher that the end of the test ends. */
export function launch(args: string[] = [], env: NodeJS.ProcessEnv = {}): LauncherProcess {
  return startJoining(['--port-offset', String(offset), ...args], env);
}

/** Without --port-offset: one that joins takes that of the first. */
export function startJoining(args: readonly string[], env: NodeJS.ProcessEnv = {}): LauncherProcess {
  const launcher = startLauncher([program], { data, args, env });
  running.push(launcher);
  return launcher;
}

export async function ready(launcher: LauncherProcess): Promise<LauncherProcess> {
  await launcher.untilSays('Ready after');
  return launcher;
}

/** Every process that a launcher has started. */
export async function processes(launcher: LauncherProcess): Promise<number[]> {
  const { redis, services } = await launcher.run();
  return [redis.pid, ...services.map(({ pid }) => pid)].filter((pid) => typeof pid === 'number');
}

export async function row(launcher: LauncherProcess, name: string) {
  return (await launcher.run()).services.find((service) => service.name === name);
}

/** What a stand-in says of itself. */
export async function given(name: keyof typeof servicePorts): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${servicePorts[name] + offset}/healthz`);
  return (await response.json()) as Record<string, unknown>;
}

export const exists = (path: string) =>
  stat(path)
    .then(() => true)
    .catch(() => false);

/** Ends a launcher and holds it to its promise: exit 0 within 5 s and nothing left. */
export async function endsCleanly(launcher: LauncherProcess, end: () => void): Promise<void> {
  const pids = await processes(launcher);
  const startedAt = performance.now();
  end();
  expect(await launcher.exited).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(await exists(join(data, 'run.json'))).toBe(false);
}
