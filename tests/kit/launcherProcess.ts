import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { type RunFile, readRunFile } from 'launcher/runFile';
import { inject } from 'vitest';
import { until } from './until.ts';

/** A launcher as a process of its own, as npm starts one. */
export type LauncherProcess = {
  readonly pid: number;
  /** All that it has written so far, to both outputs. */
  output(): string;
  /** What it wrote to standard error. */
  errors(): string;
  /** Types a line on its standard input. */
  type(line: string): void;
  signal(signal: NodeJS.Signals): void;
  /** The exit code, or the signal's name, when it has ended. */
  readonly exited: Promise<number | string>;
  untilSays(words: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Its run file as it is now. */
  run(): Promise<RunFile>;
  /** Ends it if it runs, and waits for that. */
  end(): Promise<void>;
};

const launchers = new Set<ChildProcess>();
process.on('exit', () => {
  // SIGTERM: it takes its services and its Redis with it.
  for (const child of launchers) child.kill('SIGTERM');
});

/**
 * Starts a launcher on the Redis program that this run of the tests has found.
 * @param program the script (run by this Node) or any command, with its arguments
 * @param options.data its data folder, given to it as --data
 * @param options.ownGroup whether it leads a process group, as a command typed in a terminal does
 */
export function startLauncher(
  program: readonly [string, ...string[]],
  options: { data: string; args?: readonly string[]; env?: NodeJS.ProcessEnv; cwd?: string; ownGroup?: boolean },
): LauncherProcess {
  const [command, ...first] = program[0].endsWith('.ts') ? [process.execPath, ...program] : program;
  const source = inject('redisSource');
  const { REDIS_URL, ...env } = process.env;
  const path = source.kind === 'binary' ? `${dirname(source.server)}:${env.PATH}` : env.PATH;
  const child = spawn(command ?? process.execPath, [...first, '--data', options.data, ...(options.args ?? [])], {
    env: { ...env, PATH: path, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: options.ownGroup ?? false,
    // The channel tells it when this process is gone, however that happened: a run that is killed leaves no launcher.
    stdio: ['pipe', 'pipe', 'pipe', ...(program[0].endsWith('.ts') ? (['ipc'] as const) : [])],
    // Three pipes are there whatever follows them, which the type of spawn says of no more than three.
  }) as ChildProcessWithoutNullStreams;
  launchers.add(child);
  let output = '';
  let errors = '';
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
    errors += chunk;
  });
  const exited = once(child, 'close').then(([code, signal]: unknown[]) => {
    launchers.delete(child);
    return typeof code === 'number' ? code : String(signal);
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    type: (line) => void child.stdin.write(`${line}\n`),
    signal: (signal) => void child.kill(signal),
    exited,
    async untilSays(words, timeoutMs = 60_000) {
      const said = () => (typeof words === 'string' ? output.includes(words) : words.test(output));
      const condition = () => said() || (child.exitCode !== null && giveUp(output));
      await until(`the launcher to say ${words}`, condition, { timeoutMs }).catch((error) => {
        throw new Error(`${error.message}; it has said:\n${output}`);
      });
    },
    async run() {
      const run = await readRunFile(join(options.data, 'run.json'));
      if (run === undefined) throw new Error(`no run.json in ${options.data}; the launcher said:\n${output}`);
      return run;
    },
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function giveUp(output: string): never {
  throw new Error(`it ended, and said:\n${output}`);
}
