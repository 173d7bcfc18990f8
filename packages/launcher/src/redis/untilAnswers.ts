import { setTimeout as wait } from 'node:timers/promises';
import { reasonOf } from '../refusal.ts';
import { ask } from './ask.ts';

const answerTimeoutMs = 30_000;
const pauseMs = 20;

/**
 * Waits until a server that was just started answers PING; one that still loads its data does not yet.
 * @param ended asked before each try: what the server said when it has ended, which ends the wait
 */
export async function untilAnswers(url: string, ended: () => string | undefined): Promise<void> {
  const giveUpAt = performance.now() + answerTimeoutMs;
  for (;;) {
    const lastWords = ended();
    if (lastWords !== undefined) throw new Error(lastWords);
    try {
      await ask(url, ['PING']);
      return;
    } catch (error) {
      if (performance.now() > giveUpAt) {
        throw new Error(`no answer from ${url} within ${answerTimeoutMs / 1000} s: ${reasonOf(error)}`);
      }
      await wait(pauseMs);
    }
  }
}
