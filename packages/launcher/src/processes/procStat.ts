import { readFileSync } from 'node:fs';

/**
 * What Linux says of a process, after its name, which may hold anything: its state (`S`, `Z`), parent, group, session and so
 * on, in the order of proc(5). Empty where there is no such process, or no /proc.
 */
export function procStat(pid: number | 'self'): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}
