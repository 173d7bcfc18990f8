import { run } from './run.ts';

export const oldestVersion = '7.0';

/**
 * What `redis-server --version` or `valkey-server --version` answers, as `7.0.15`.
 * @throws Error when the program does not run or says something else
 */
export async function serverVersion(server: string, env: NodeJS.ProcessEnv): Promise<string> {
  const words = await run(server, ['--version'], { env, timeoutMs: 10_000 });
  const version = /\bv=(\d+\.\d+[\w.-]*)/.exec(words)?.[1];
  if (version === undefined) throw new Error(`${server} --version answered '${words.trim()}'`);
  return version;
}

/** Whether a version like `7.0.15` is one that this system runs on. */
export function isRecent(version: string): boolean {
  const [major = 0] = version.split('.').map(Number);
  return major >= Number.parseInt(oldestVersion, 10);
}
