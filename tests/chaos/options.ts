import { parseArgs } from 'node:util';
import type { ChaosOptions } from './runChaos.ts';

const DEFAULTS = { orders: '3000', faults: '20', seconds: '60', fsync: 'always' } as const;

/**
 * Reads the arguments of `npm run chaos`; a seed that is not given is drawn.
 *
 * @throws Error that names an argument that will not do
 */
export function readOptions(args: string[]): ChaosOptions & { reportFile?: string; data?: string } {
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
    },
  });
  const { fsync } = values;
  if (fsync !== 'always' && fsync !== 'everysec') throw new Error(`--fsync must be always or everysec, is ${fsync}`);
  return {
    orders: whole('orders', values.orders),
    faults: whole('faults', values.faults),
    seed: whole('seed', values.seed),
    seconds: whole('seconds', values.seconds),
    fsync,
    ...(values.only !== undefined && { only: values.only }),
    ...(values.report !== undefined && { reportFile: values.report }),
    ...(values.data !== undefined && { data: values.data }),
  };
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, is ${text}`);
  return Number(text);
}
