import { execFileSync } from 'node:child_process';
import { procStat } from './procStat.ts';

/**
 * When a process started, as the system writes it: a later process with the same id differs in it.
 *
 * @param stat what /proc says of it; where there is none, `ps` is asked
 */
export function startOf(pid: number, stat: readonly string[] = procStat(pid)): string | undefined {
  // The 22nd field, after the id and the name.
  return stat[19] ?? startByPs(pid);
}

function startByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
