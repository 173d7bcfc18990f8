import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { locked } from './data/locked.ts';

/** One service: `pid` is null while it does not run, `expected` false once it was stopped on purpose. */
export type ServiceRow = {
  name: string;
  pid: number | null;
  port: number;
  url: string;
  expected: boolean;
  /** The launcher that runs it. */
  launcher: number;
};

/** `.data/run.json`: what runs now, for the gateway, tests, tools and launchers that join. */
export type RunFile = {
  /** The process that owns Redis and this file; when it ends, everything does. */
  launcher: number;
  /** True from the moment that the owner starts to end. */
  stopping: boolean;
  portOffset: number;
  /** `pid` of an embedded one, `container` of one in Docker, neither of one that was named by REDIS_URL. */
  redis: { url: string; pid?: number; container?: string };
  services: ServiceRow[];
};

/** The file's content; undefined when there is none, or one that no launcher wrote. */
export async function readRunFile(path: string): Promise<RunFile | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRunFile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step, so that a reader sees the old or the new, never a half; undefined removes it. */
export async function writeRunFile(path: string, run: RunFile | undefined): Promise<void> {
  if (run === undefined) return rm(path, { force: true });
  const next = `${path}.${process.pid}.new`;
  await writeFile(next, `${JSON.stringify(run, undefined, 2)}\n`);
  await rename(next, path);
}

/**
 * Reads, changes and writes under a lock, for two launchers may share the file. Does nothing where there is no file.
 * @throws Refusal when the lock stays taken for 20 s
 */
export function changeRunFile(path: string, change: (run: RunFile) => RunFile | undefined): Promise<void> {
  return locked(path, async () => {
    const run = await readRunFile(path);
    if (run !== undefined) await writeRunFile(path, change(run));
  });
}

function isRunFile(value: unknown): value is RunFile {
  if (!isObject(value) || !('redis' in value) || !isObject(value.redis)) return false;
  const { redis } = value;
  const owned = 'launcher' in value && Number.isInteger(value.launcher);
  return (
    owned && 'url' in redis && typeof redis.url === 'string' && 'services' in value && Array.isArray(value.services)
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
