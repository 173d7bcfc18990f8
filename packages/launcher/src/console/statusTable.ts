import { isAlive } from '../processes/isAlive.ts';
import type { RunFile, ServiceRow } from '../runFile.ts';
import { isServiceName, type ServiceName } from '../services/serviceNames.ts';
import { table } from './table.ts';

/** What runs: one line a service, those of other launchers included. */
export function statusTable(run: RunFile, stateOf: (name: ServiceName) => string): string {
  const state = (row: ServiceRow) => {
    if (row.launcher !== process.pid) return row.pid === null ? 'stopped' : stateElsewhere(row.launcher);
    return isServiceName(row.name) ? stateOf(row.name) : '';
  };
  const rows = run.services.map((row) => [row.name, String(row.port), String(row.pid ?? '-'), row.url, state(row)]);
  return table(['SERVICE', 'PORT', 'PROCESS', 'URL', 'STATE'], rows);
}

/** A launcher that was killed takes its services with it, and leaves their rows. */
function stateElsewhere(launcher: number): string {
  return isAlive(launcher) ? `of launcher ${launcher}` : `ended with launcher ${launcher}`;
}
