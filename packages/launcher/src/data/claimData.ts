import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Arguments } from '../cli/readArguments.ts';
import { isAlive } from '../processes/isAlive.ts';
import { ask } from '../redis/ask.ts';
import { Refusal } from '../refusal.ts';
import { type RunFile, readRunFile } from '../runFile.ts';
import { endOrphans } from './endOrphans.ts';

/** The places in a data folder. */
export type DataFolder = { redis: string; logs: string; runFile: string };

export function dataFolder(data: string): DataFolder {
  return { redis: join(data, 'redis'), logs: join(data, 'logs'), runFile: join(data, 'run.json') };
}

const endingTimeoutMs = 8_000;

/**
 * Finds out whether this launcher owns the data folder or joins the one that runs there, and clears up what a killed
 * one left.
 * @returns the run file of the launcher to join; undefined for an owner
 * @throws Refusal when the folder is in use and the arguments do not say what to add
 */
export async function claimData(
  args: Arguments,
  env: NodeJS.ProcessEnv,
  say: (message: string) => void,
): Promise<RunFile | undefined> {
  const folder = dataFolder(args.data);
  const run = await settledRun(folder.runFile, say);
  if (run !== undefined && (await isRunning(run))) {
    refuseToJoin(args, run, env);
    return run;
  }
  if (run !== undefined) await endOrphans(run, say);
  if (args.fresh) await forget(folder, env);
  for (const path of [folder.runFile, folder.logs]) await rm(path, { recursive: true, force: true });
  await mkdir(folder.logs, { recursive: true });
  return undefined;
}

/** One that is just ending is waited for. */
async function settledRun(path: string, say: (message: string) => void): Promise<RunFile | undefined> {
  let run = await readRunFile(path);
  if (run?.stopping && isAlive(run.launcher)) say(`waiting for launcher ${run.launcher} to end`);
  const giveUpAt = performance.now() + endingTimeoutMs;
  while (run?.stopping && isAlive(run.launcher) && performance.now() < giveUpAt) {
    await wait(50);
    run = await readRunFile(path);
  }
  return run;
}

/** Its process may be another's by now, so its Redis must answer too. */
async function isRunning(run: RunFile): Promise<boolean> {
  if (run.launcher === process.pid || !isAlive(run.launcher)) return false;
  return ask(run.redis.url, ['PING']).then(
    () => true,
    () => false,
  );
}

function refuseToJoin(args: Arguments, run: RunFile, env: NodeJS.ProcessEnv): void {
  const owner = `launcher ${run.launcher} runs with this data folder`;
  if (args.fresh) throw new Refusal(`${owner}: end it before --fresh`);
  if (!args.chosen) {
    throw new Refusal(`${owner}: name services to add to it, or take another folder and ports (--data, --port-offset)`);
  }
  if (env.REDIS_URL !== undefined && env.REDIS_URL !== '' && env.REDIS_URL !== run.redis.url) {
    throw new Refusal(`${owner} on another Redis than REDIS_URL; use --data DIR for a system of its own`);
  }
  if (args.portOffset !== undefined && args.portOffset !== run.portOffset) {
    throw new Refusal(`${owner} and --port-offset ${run.portOffset}; one that joins has the same`);
  }
  for (const service of run.services) {
    if (service.pid === null || !args.names.some((name) => name === service.name)) continue;
    throw new Refusal(`${service.name} runs already (process ${service.pid}, port ${service.port}, ${owner})`);
  }
}

async function forget(folder: DataFolder, env: NodeJS.ProcessEnv): Promise<void> {
  if (env.REDIS_URL) throw new Refusal('--fresh clears the Redis of the data folder; the one at REDIS_URL is not ours');
  for (const path of Object.values(folder)) await rm(path, { recursive: true, force: true });
}
