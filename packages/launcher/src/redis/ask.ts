import { Redis } from 'ioredis';

/**
 * Sends one command on a connection of its own, which is closed again.
 * @param timeoutMs for connecting and for the answer together
 * @throws Error when nothing answers in time, or the answer is an error
 */
export async function ask(url: string, command: readonly [string, ...string[]], timeoutMs = 1_000): Promise<unknown> {
  const [name, ...args] = command;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let cause: Error | undefined;
  // Without a listener ioredis prints; what it says ("connect ECONNREFUSED") tells more than "Connection is closed".
  redis.on('error', (error: Error) => {
    cause ??= error;
  });
  try {
    await redis.connect();
    return await redis.call(name, ...args);
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}

/** The process id of the server that answers at this URL; undefined where it does not tell. */
export async function serverPid(url: string): Promise<number | undefined> {
  const info = String(await ask(url, ['INFO', 'server']));
  const pid = /^process_id:(\d+)/m.exec(info)?.[1];
  return pid === undefined ? undefined : Number(pid);
}
