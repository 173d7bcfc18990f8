import type { Redis } from 'ioredis';

export type Touch = { key: string; command: string };

/**
 * Runs something and tells which keys of a partition its scripts have touched, by which command first: Redis itself says
 * so (MONITOR), so that a key that a script spells without declaring it is seen too.
 */
export async function touchedKeys(redis: Redis, tag: string, run: () => Promise<unknown>): Promise<Touch[]> {
  const monitor = await redis.monitor();
  const touches = new Map<string, string>();
  const end = `end of ${crypto.randomUUID()}`;
  const ended = Promise.withResolvers<void>();
  monitor.on('monitor', (_time: string, [command = '', ...args]: string[], source: string) => {
    if (args[0] === end) ended.resolve();
    if (source !== 'lua') return;
    for (const key of args.filter((arg) => arg.includes(`{${tag}}`))) {
      if (!touches.has(key)) touches.set(key, command.toUpperCase());
    }
  });
  try {
    await run();
    await redis.echo(end);
    await ended.promise;
  } finally {
    monitor.disconnect();
  }
  return [...touches].map(([key, command]) => ({ key, command }));
}
