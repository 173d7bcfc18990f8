import { procStat } from '../processes/procStat.ts';

/**
 * Whether this process may read its terminal: the system stops one in the background (`npm start &`) that tries. True
 * where there is no terminal, or no way to know.
 *
 * @param stat what /proc says of this process
 */
export function isInForeground(stat: readonly string[] = procStat('self')): boolean {
  // State, parent, group, session, terminal, and the group that the terminal is with.
  const [, , group, , terminal, foreground] = stat;
  return terminal === undefined || terminal === '0' || group === foreground;
}
