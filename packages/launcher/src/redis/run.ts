import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * Runs a program to its end, without a shell, and answers what it wrote to standard output.
 * @throws Error with the program's last words when it fails, cannot be run or takes longer than timeoutMs
 */
export async function run(
  program: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; cwd?: string; timeoutMs?: number },
): Promise<string> {
  const { env, cwd, timeoutMs = 60_000 } = options;
  try {
    const { stdout } = await execute(program, args, { env, cwd, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args[0] ?? ''}: ${lastWords(error)}`, { cause: error });
  }
}

function lastWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stderr = 'stderr' in error ? String(error.stderr) : '';
  return stderr.trim().split('\n').at(-1) || error.message;
}
