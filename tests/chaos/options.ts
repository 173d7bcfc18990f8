import { parseArgs } from 'node:util';
import { FAULTS } from './faults/schedule.ts';
import type { ChaosOptions } from './runChaos.ts';

const DEFAULTS = { orders: '3000', faults: '20', seconds: '60', fsync: 'always' } as const;

export const HELP = `npm run chaos -- [options]

Places orders while services, Redis and the network between them fail, waits until all is quiet, and proves from what
clients were answered and from what Redis holds that nothing is lost, late, done twice or half done.

  --orders N       how many orders (default ${DEFAULTS.orders})
  --faults N       how many faults (default ${DEFAULTS.faults})
  --seconds N      over how long both are spread (default ${DEFAULTS.seconds}); start, drain and check come on top
  --fsync HOW      always: Redis may lose nothing (the default); everysec: the end of a partition's history, counted
  --seed N         repeats the orders and the faults of another run
  --only WORDS     only faults whose name holds this
  --report FILE    writes the report there as well
  --data DIR       where Redis' files, the services' logs and the history go (default .data/chaos); emptied first
  --help           this text

Faults: ${FAULTS.map(({ name }) => name).join(', ')}.
The exit code is 1 where something that must hold did not.
`;

export type ChaosCommand = ChaosOptions & { reportFile?: string; data?: string };

/**
 * Reads the arguments of `npm run chaos`; a seed that is not given is drawn.
 *
 * @returns 'help' where that is asked for
 * @throws Error that names an argument that will not do
 */
export function readOptions(args: string[]): ChaosCommand | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      orders: { type: 'string', default: DEFAULTS.orders },
      faults: { type: 'string', default: DEFAULTS.faults },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      seconds: { type: 'string', default: DEFAULTS.seconds },
      fsync: { type: 'string', default: DEFAULTS.fsync },
      only: { type: 'string' },
      report: { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { fsync, only } = values;
  if (fsync !== 'always' && fsync !== 'everysec') throw new Error(`--fsync must be always or everysec, is ${fsync}`);
  if (only !== undefined && !FAULTS.some(({ name }) => name.includes(only))) {
    throw new Error(`--only must be a part of a fault's name, is ${only}`);
  }
  return {
    orders: whole('orders', values.orders, 1),
    faults: whole('faults', values.faults, 0),
    seed: whole('seed', values.seed, 0),
    seconds: whole('seconds', values.seconds, 1),
    fsync,
    ...(only !== undefined && { only }),
    ...(values.report !== undefined && { reportFile: values.report }),
    ...(values.data !== undefined && { data: values.data }),
  };
}

function whole(name: string, text: string, min: number): number {
  const isWhole = /^\d{1,9}$/.test(text) && Number(text) >= min;
  if (!isWhole) throw new Error(`--${name} must be a whole number from ${min} on, is ${text}`);
  return Number(text);
}
