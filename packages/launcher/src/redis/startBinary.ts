import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../refusal.ts';
import { serverPid } from './ask.ts';
import { type Ended, type RedisSettings, type RunningRedis, stopTimeoutMs } from './runningRedis.ts';
import { serverArguments } from './serverArguments.ts';
import { untilAnswers } from './untilAnswers.ts';

/** Runs redis-server (or valkey-server) as a child process; see `startRedis`. */
export async function startBinary(server: string, settings: RedisSettings): Promise<RunningRedis> {
  const { port, dir } = settings;
  const log = join(dir, 'redis.log');
  await mkdir(dir, { recursive: true });
  await writeFile(log, '');
  const args = [...serverArguments(settings, { bind: '127.0.0.1', port, dir }), '--logfile', log];
  const child = spawn(server, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: settings.ownGroup ?? false });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-2_000);
  });
  let ended: Ended | undefined;
  const exited = end(child).then((how) => {
    ended = how;
    return how;
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const url = `redis://127.0.0.1:${port}`;
  try {
    await untilAnswers(url, () => {
      settings.signal?.throwIfAborted();
      return ended === undefined ? undefined : 'it ended at once';
    });
    await refuseStranger(url, port, child);
  } catch (error) {
    await kill();
    throw new Error(`redis-server: ${(await lastComplaint(log)) ?? (complaint.trim() || reasonOf(error))}`);
  }
  return {
    url,
    port,
    ...(child.pid === undefined ? {} : { pid: child.pid }),
    stop: (timeoutMs = stopTimeoutMs) => stop(child, exited, timeoutMs),
    kill,
    exited,
  };
}

function end(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

/** SIGTERM writes the data first; a server that takes too long is killed, and its AOF holds what it had. */
async function stop(child: ChildProcess, exited: Promise<Ended>, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
}

/** Another server may hold the port while ours is still about to notice. */
async function refuseStranger(url: string, port: number, child: ChildProcess): Promise<void> {
  const pid = await serverPid(url);
  if (pid !== child.pid) throw new Error(`port ${port} is taken by another Redis (process ${pid})`);
}

/** Redis marks what it warns of with a number sign: the last such line is why it ended. */
async function lastComplaint(log: string): Promise<string | undefined> {
  const lines = (await readFile(log, 'utf8').catch(() => '')).split('\n');
  return lines
    .findLast((line) => / # /.test(line) && /fail|error|fatal|could not|can't|bind/i.test(line))
    ?.replace(/^.* # /, '');
}
