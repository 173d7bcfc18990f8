import { freePort } from '../ports/freePort.ts';
import { pause } from '../processes/pause.ts';
import { reasonOf } from '../refusal.ts';
import type { RedisSettings, RunningRedis } from './runningRedis.ts';
import { startRedis } from './startRedis.ts';
import type { RedisSource } from './way.ts';

export type KeptRedis = {
  /** The server of now: its process id changes when it was started again, its URL never does. */
  current(): RunningRedis;
  stop(timeoutMs: number): Promise<void>;
};

const restartDelayMs = 500;
const portAttempts = 5;

/**
 * Starts a Redis on a free port, and again on the same port with the same data when it ends by itself.
 * @param told.onChange whenever current() is another one
 */
export async function keepRedis(
  source: RedisSource,
  settings: Omit<RedisSettings, 'port'>,
  told: { say(message: string): void; onChange(): void },
): Promise<KeptRedis> {
  let redis = await startOnFreePort(source, settings);
  const ending = new AbortController();

  async function keepUp(): Promise<void> {
    while (!ending.signal.aborted) {
      const { code, signal } = await redis.exited;
      if (ending.signal.aborted) return;
      told.say(`Redis ended with ${signal ?? `exit code ${code}`}; starting it again with its data`);
      await bringBack();
    }
  }

  async function bringBack(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        redis = await startRedis(source, { ...settings, port: redis.port });
        // It may have been started while stop() was already waiting for the one before.
        if (ending.signal.aborted) return await redis.kill();
        told.onChange();
        return told.say(`Redis runs again${redis.pid === undefined ? '' : ` (process ${redis.pid})`}`);
      } catch (error) {
        told.say(`Redis did not start: ${reasonOf(error)}`);
        await pause(restartDelayMs, ending.signal);
      }
    }
  }

  const kept = keepUp();
  return {
    current: () => redis,
    async stop(timeoutMs) {
      ending.abort();
      await redis.stop(timeoutMs);
      if (source.kind !== 'url') await kept;
    },
  };
}

/** Between finding a free port and listening on it another process may take it. */
async function startOnFreePort(source: RedisSource, settings: Omit<RedisSettings, 'port'>): Promise<RunningRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startRedis(source, { ...settings, port: await freePort() });
    } catch (error) {
      if (attempt === portAttempts || !/in use|is taken|already allocated/i.test(reasonOf(error))) throw error;
    }
  }
}
