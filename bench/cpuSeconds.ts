import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** Linux counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** User and system time that these processes have used so far; 0 where there is no /proc. */
export function cpuSeconds(processes: readonly { pid: number }[]): number {
  return processes.reduce((sum, { pid }) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** What Redis says of itself. */
export async function redisCpuSeconds(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const field = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  return field('used_cpu_user') + field('used_cpu_sys');
}
