import { resolve } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { Refusal, reasonOf } from '../refusal.ts';
import { isServiceName, type ServiceName, serviceNames, servicePorts } from '../services/serviceNames.ts';

export type Arguments = {
  help: boolean;
  /** The services to run, in the order of their table. */
  names: ServiceName[];
  /** Whether the user chose them: only then may they join the launcher that already runs. */
  chosen: boolean;
  /** Undefined where it was not given: then it is 0, or that of the launcher that is joined. */
  portOffset: number | undefined;
  /** Full path of the folder for Redis' data, logs and run.json. */
  data: string;
  fresh: boolean;
};

export type Places = {
  /** Where `.data` lies by default. */
  root: string;
  /** Where a relative --data starts. */
  cwd: string;
};

const options = {
  help: { type: 'boolean', short: 'h', default: false },
  without: { type: 'string', multiple: true, default: [] },
  'port-offset': { type: 'string' },
  data: { type: 'string' },
  fresh: { type: 'boolean', default: false },
} satisfies ParseArgsOptionsConfig;

const highestOffset = 65_535 - Math.max(...Object.values(servicePorts));

/**
 * Reads the command line.
 * @throws Refusal naming the flag or service that it does not know, or the value that will not do
 */
export function readArguments(argv: readonly string[], places: Places): Arguments {
  const { values, positionals } = parse(argv);
  const without = values.without.flatMap((list) => list.split(','));
  if (positionals.length > 0 && without.length > 0) {
    throw new Refusal(`either services to start (${positionals.join(' ')}) or --without, not both`);
  }
  const named = new Set([...positionals, ...without].map(toServiceName));
  const names = serviceNames.filter((name) => named.size === 0 || named.has(name) === positionals.length > 0);
  if (names.length === 0) throw new Refusal('--without leaves no service to start');
  return {
    help: values.help,
    names,
    chosen: named.size > 0,
    portOffset: values['port-offset'] === undefined ? undefined : toOffset(values['port-offset']),
    data: values.data === undefined ? resolve(places.root, '.data') : resolve(places.cwd, values.data),
    fresh: values.fresh,
  };
}

/**
 * npm takes flags that stand before `--` as settings of its own, and would have `npm start --without exchange` start
 * exchange alone.
 * @throws Refusal saying how to write it
 */
export function refuseSwallowed(env: NodeJS.ProcessEnv): void {
  const flag = Object.keys(options).find((name) => env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
  if (flag === undefined || env.npm_lifecycle_event !== 'start') return;
  throw new Refusal(`npm took --${flag} for itself; put -- before the options: npm start -- --${flag} ...`);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new Refusal(`${reasonOf(error).replace(/\. To specify a positional.*/, '')}; --help lists the flags`);
  }
}

/** @throws Refusal listing the services that there are */
export function toServiceName(name: string): ServiceName {
  if (isServiceName(name)) return name;
  throw new Refusal(`no service '${name}'; there are ${serviceNames.join(', ')}`);
}

function toOffset(text: string): number {
  const offset = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (offset <= highestOffset) return offset;
  throw new Refusal(`--port-offset must be a whole number from 0 to ${highestOffset}, got '${text}'`);
}
