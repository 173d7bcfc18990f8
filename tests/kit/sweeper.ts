import { setTimeout as wait } from 'node:timers/promises';
import { sweep } from './sweep.ts';

/**
 * A process beside a test run that ends what the run leaves behind, however the run ends: a run that gets SIGINT or
 * SIGKILL takes its workers with it before they can stop their servers. Started by globalSetup.ts with the folder of
 * the run's servers and where they come from; the channel to the run says `done`, or closes.
 */
const [home = '', kind = ''] = process.argv.slice(2);
const lastStartMs = 1_000;

async function end(early: boolean): Promise<void> {
  process.off('disconnect', endEarly);
  // A worker may have been starting one just when it was killed.
  if (early) await wait(lastStartMs);
  for (const what of await sweep(home, kind === 'docker')) console.error(`redis: a test left ${what} running; ended`);
  if (process.connected) process.disconnect();
}

function endEarly(): void {
  void end(true);
}

process.on('disconnect', endEarly);
process.once('message', () => void end(false));
