import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Arguments } from '../cli/readArguments.ts';
import { Refusal } from '../refusal.ts';
import { type RunFile, readRunFile } from '../runFile.ts';
import { endOrphans } from './endOrphans.ts';
import { takeOwnership } from './ownership.ts';

/** The places in a data folder. */
export type DataFolder = { owner: string; redis: string; logs: string; runFile: string };

export function dataFolder(data: string): DataFolder {
  return {
    owner: join(data, 'owner'),
    redis: join(data, 'redis'),
    logs: join(data, 'logs'),
    runFile: join(data, 'run.json'),
  };
}

const endingTimeoutMs = 8_000;
const pauseMs = 50;

export type Claiming = { env: NodeJS.ProcessEnv; say(message: string): void; signal: AbortSignal };

/**
 * Finds out whether this launcher owns the data folder or joins the one that runs there, and clears up what a killed
 * one left.
 * @returns the run file of the launcher to join; undefined for an owner
 * @throws Refusal when the folder is in use and the arguments do not say what to add
 */
export async function claimData(args: Arguments, claiming: Claiming): Promise<RunFile | undefined> {
  const { env, say } = claiming;
  const folder = dataFolder(args.data);
  const running = await otherLauncher(args, folder, claiming);
  if (running !== undefined) {
    refuseToJoin(args, running, env);
    return running;
  }
  const left = await readRunFile(folder.runFile);
  if (left !== undefined) await endOrphans(left, say);
  if (args.fresh) await forget(folder, env);
  for (const path of [folder.runFile, folder.logs]) await rm(path, { recursive: true, force: true });
  await mkdir(folder.logs, { recursive: true });
  return undefined;
}

/**
 * Settles when this launcher owns the folder, or with what its owner runs. An owner that just starts is waited for by
 * those that have something to add, one that ends by all.
 */
async function otherLauncher(
  args: Arguments,
  folder: DataFolder,
  { say, signal }: Claiming,
): Promise<RunFile | undefined> {
  let phase: 'start' | 'end' | undefined;
  for (let giveUpAt = Number.POSITIVE_INFINITY; ; await wait(pauseMs)) {
    signal.throwIfAborted();
    const owner = await takeOwnership(folder.owner);
    if (owner === undefined) return undefined;
    const run = await readRunFile(folder.runFile);
    const isUp = run?.launcher === owner;
    if (isUp && !run.stopping) return run;
    const before = phase;
    // The last that an ending one does is to remove first the run file and then its claim.
    phase = isUp || before === 'end' ? 'end' : 'start';
    if (phase === before && phase === 'start' && !args.chosen) throw nothingToAdd(owner);
    if (phase !== before && (phase === 'end' || args.chosen)) say(`waiting for launcher ${owner} to ${phase}`);
    if (phase !== before && phase === 'end') giveUpAt = performance.now() + endingTimeoutMs;
    if (performance.now() > giveUpAt) throw new Refusal(`launcher ${owner} does not end; end it first`);
  }
}

function nothingToAdd(owner: number): Refusal {
  const ways = 'name services to add to it, or take another folder and ports (--data, --port-offset)';
  return new Refusal(`launcher ${owner} runs with this data folder: ${ways}`);
}

function refuseToJoin(args: Arguments, run: RunFile, env: NodeJS.ProcessEnv): void {
  const owner = `launcher ${run.launcher} runs with this data folder`;
  if (args.fresh) throw new Refusal(`${owner}: end it before --fresh`);
  if (!args.chosen) throw nothingToAdd(run.launcher);
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
  await rm(folder.redis, { recursive: true, force: true });
}
