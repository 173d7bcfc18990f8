import { z } from 'zod';
import { StartRefusal } from './startRefusal.ts';

const defaultPorts = { order: 8081, exchange: 8082, point: 8083, deadline: 8084, gateway: 8088 } as const;

export type ServiceName = keyof typeof defaultPorts;

/** The services behind the gateway, in the order in which people read them. */
export const backendNames = ['order', 'exchange', 'point', 'deadline'] as const satisfies readonly ServiceName[];

export type BackendName = (typeof backendNames)[number];

const dayMs = 86_400_000;
const yearMs = 366 * dayMs;

const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);

const urlWith = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));

const backendUrl = urlWith('http:').transform((text) => new URL(text).origin);

const backendList = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum(backendNames)));

/** Every variable that the processes know: what it must be (for the refusal), how it is read, its default. */
const variables = {
  HOST: { expected: 'a host name or an address', read: z.string().regex(/^[\w.:-]+$/), fallback: '127.0.0.1' },
  PORT: { expected: 'a port, 0 to 65535', read: integer(0, 65_535), fallback: undefined },
  REDIS_URL: {
    expected: 'a URL like redis://127.0.0.1:6379',
    read: urlWith('redis:', 'rediss:'),
    fallback: 'redis://127.0.0.1:6379',
  },
  PARTITIONS: { expected: 'an integer, 1 to 1024', read: integer(1, 1024), fallback: '1' },
  DEADLINE_MS: { expected: 'milliseconds, 1 to a day', read: integer(1, dayMs), fallback: '10000' },
  RETENTION_MS: {
    expected: 'milliseconds, 1000 to ten years',
    read: integer(1000, 10 * yearMs),
    fallback: `${7 * dayMs}`,
  },
  LOG_LEVEL: {
    expected: 'one of fatal, error, warn, info, debug, trace, silent',
    read: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    fallback: 'info',
  },
  ORDER_URL: { expected: 'a URL like http://127.0.0.1:8081', read: backendUrl, fallback: 'http://127.0.0.1:8081' },
  EXCHANGE_URL: { expected: 'a URL like http://127.0.0.1:8082', read: backendUrl, fallback: 'http://127.0.0.1:8082' },
  POINT_URL: { expected: 'a URL like http://127.0.0.1:8083', read: backendUrl, fallback: 'http://127.0.0.1:8083' },
  DEADLINE_URL: { expected: 'a URL like http://127.0.0.1:8084', read: backendUrl, fallback: 'http://127.0.0.1:8084' },
  EXPECTED_SERVICES: {
    expected: `a comma list of ${backendNames.join(', ')}`,
    read: backendList,
    fallback: backendNames.join(','),
  },
  RUN_FILE: { expected: 'a path', read: z.string().optional(), fallback: undefined },
} as const;

type VariableName = keyof typeof variables;
type VariableValue<V extends VariableName> = z.output<(typeof variables)[V]['read']>;

export type ServiceConfig = {
  name: ServiceName;
  /** The address to listen on. */
  host: string;
  /** The port to listen on; 0 takes a free one. */
  port: number;
  redisUrl: string;
  partitions: number;
  deadlineMs: number;
  retentionMs: number;
  logLevel: VariableValue<'LOG_LEVEL'>;
  /** Where the gateway finds each service: origins, without a path. */
  upstreams: Record<BackendName, string>;
  /** The services that the gateway's readiness waits for, unless `runFile` says it. */
  expectedServices: readonly BackendName[];
  /** The launcher's run.json; where it is set, the expected services follow it live. */
  runFile: string | undefined;
};

/** A password in a URL must not reach a log. */
const masked = (text: string) => text.replace(/\/\/[^@/]*@/, '//***@');

/**
 * Reads a service's configuration; an empty variable counts as unset.
 *
 * @throws StartRefusal with one line that names every bad variable, what it must be and what it was
 */
export function readConfig(name: ServiceName, env: NodeJS.ProcessEnv = process.env): ServiceConfig {
  const refusals: string[] = [];
  const read = <V extends VariableName>(variable: V): VariableValue<V> => {
    const { expected, read: schema, fallback } = variables[variable];
    const given = env[variable] || (variable === 'PORT' ? `${defaultPorts[name]}` : fallback);
    const result = schema.safeParse(given);
    if (!result.success)
      refusals.push(`${variable} must be ${expected}, but is ${JSON.stringify(masked(given ?? ''))}`);
    return result.data as VariableValue<V>;
  };
  const config: ServiceConfig = {
    name,
    host: read('HOST'),
    port: read('PORT'),
    redisUrl: read('REDIS_URL'),
    partitions: read('PARTITIONS'),
    deadlineMs: read('DEADLINE_MS'),
    retentionMs: read('RETENTION_MS'),
    logLevel: read('LOG_LEVEL'),
    upstreams: {
      order: read('ORDER_URL'),
      exchange: read('EXCHANGE_URL'),
      point: read('POINT_URL'),
      deadline: read('DEADLINE_URL'),
    },
    expectedServices: read('EXPECTED_SERVICES'),
    runFile: read('RUN_FILE'),
  };
  if (refusals.length > 0) throw new StartRefusal(refusals.join('; '));
  return config;
}
