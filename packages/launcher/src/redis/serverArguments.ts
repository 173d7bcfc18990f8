import type { RedisSettings } from './runningRedis.ts';

/**
 * What every Redis of ours runs with. hz 100: blocking time-outs, and with them BullMQ's promptness, step by 1/hz.
 * Arguments of the caller come last, for the last one wins.
 */
export function serverArguments(settings: RedisSettings, place: { bind: string; port: number; dir: string }): string[] {
  return [
    ...['--bind', place.bind],
    ...['--port', String(place.port)],
    ...['--dir', place.dir],
    ...['--appendonly', settings.appendonly ? 'yes' : 'no'],
    ...['--save', ''],
    ...['--hz', '100'],
    ...['--maxmemory-policy', 'noeviction'],
    ...(settings.args ?? []),
  ];
}
