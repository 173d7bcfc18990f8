import { Refusal } from '../refusal.ts';
import type { ServiceName } from '../services/serviceNames.ts';
import { toServiceName } from './readArguments.ts';

/** What can be asked for one service. `toggle` is what a key means: stop what runs, start what does not. */
export type ServiceCommand = { verb: 'stop' | 'start' | 'kill' | 'toggle'; name: ServiceName };

/** What can be asked of a launcher that runs. */
export type Command = ServiceCommand | { verb: 'status' } | { verb: 'quit' };

/**
 * Reads a line of standard input; undefined for an empty one.
 * @throws Refusal saying which commands there are
 */
export function readCommand(line: string): Command | undefined {
  const [verb = '', name, ...rest] = line.trim().split(/\s+/);
  if (verb === '') return undefined;
  if ((verb === 'status' || verb === 'quit') && name === undefined) return { verb };
  if ((verb === 'stop' || verb === 'start' || verb === 'kill') && name !== undefined && rest.length === 0) {
    return { verb, name: toServiceName(name) };
  }
  throw new Refusal(`'${line.trim()}' is no command; there are: stop S, start S, kill S, status, quit`);
}
