import { readFileSync } from 'node:fs';

/**
 * Whether this process may read its terminal: the system stops one in the background (`npm start &`) that tries. True
 * where there is no terminal, or no way to know.
 */
export function isInForeground(stat: string = ownStat()): boolean {
  // "7254 (node) S 1 7254 7200 34816 7254 ...": after the name its state, parent, group, session, terminal, and the
  // group that the terminal is with.
  const [, , group, , terminal, foreground] = stat.replace(/^.*\) /s, '').split(' ');
  return terminal === undefined || terminal === '0' || group === foreground;
}

function ownStat(): string {
  try {
    return readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return '';
  }
}
