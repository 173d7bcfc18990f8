import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Ended } from '../redis/runningRedis.ts';

/** A service's process, from spawn to exit. */
export type ServiceProcess = {
  readonly pid: number | undefined;
  /** Whether it still runs. */
  alive(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Settles when it has ended and all that it wrote was read. */
  readonly exited: Promise<Ended>;
  /** The last lines that it wrote to standard error: where it refuses to start, its reason is among them. */
  lastWords(): readonly string[];
};

const keptLines = 40;

export type Program = { args: readonly string[]; env: NodeJS.ProcessEnv; logFile: string };

/**
 * Starts a service on this Node. It gets an IPC channel that nobody writes to: when it closes, the launcher is gone,
 * however that happened, and the service ends. It is out of reach of the terminal's Ctrl-C, for the launcher ends it.
 * @param onLine told of each line that it writes to standard output; all go to the log file
 */
export function startProcess({ args, env, logFile }: Program, onLine: (line: string) => void): ServiceProcess {
  const child = spawn(process.execPath, args, {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  // A full disk must not end the launcher: the service runs on, only its log is lost.
  log.on('error', () => {});
  const lastWords: string[] = [];
  const heed = (stream: Readable | null, heard: (line: string) => void): void => {
    if (stream === null) return;
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      heard(line);
    });
  };
  heed(child.stdout, onLine);
  heed(child.stderr, (line) => {
    lastWords.push(line.trim());
    if (lastWords.length > keptLines) lastWords.shift();
    onLine(line);
  });
  let alive = true;
  const exited = new Promise<Ended>((resolve) => {
    child.once('exit', () => {
      alive = false;
    });
    child.once('error', (error) => {
      alive = false;
      lastWords.push(error.message);
      resolve({ code: null, signal: null });
    });
    child.once('close', (code, signal) => {
      log.end();
      resolve({ code, signal });
    });
  });
  return {
    pid: child.pid,
    alive: () => alive,
    signal: (signal) => {
      child.kill(signal);
    },
    exited,
    lastWords: () => lastWords,
  };
}
