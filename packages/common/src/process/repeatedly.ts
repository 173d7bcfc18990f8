import { pause } from 'common/actor/pause';
import type { Background } from './background.ts';
import type { Foundation } from './foundation.ts';

/**
 * Does a piece of maintenance again and again, one turn after the other, while Redis is there. It is for what has to look,
 * never for work that something could announce.
 *
 * @param everyMs the pause between two turns
 * @param turn what is done; `signal` aborts when the service stops
 * @param onFailure hears what a turn failed with; the next one comes all the same
 */
export function repeatedly(
  { connections }: Pick<Foundation, 'connections'>,
  everyMs: number,
  turn: (signal: AbortSignal) => Promise<void>,
  onFailure: (error: unknown) => void,
): Background {
  const stopping = new AbortController();
  const { signal } = stopping;
  let running = Promise.resolve();

  const run = async () => {
    while (!signal.aborted) {
      if (connections.commands.status === 'ready') await turn(signal).catch(onFailure);
      await pause(everyMs, signal);
    }
  };

  return {
    async start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
