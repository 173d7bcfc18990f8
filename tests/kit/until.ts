import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';

/**
 * Waits until a condition holds, and answers its value.
 * @param description what is waited for, as it reads after "waited for": 'order 1 to be APPROVED'
 * @param condition asked again and again: holds when it answers something truthy; what it throws counts as not yet
 * @param options.timeoutMs how long to ask (20 s: only what fails takes it); @param options.pauseMs how long to pause between two asks (10 ms)
 * @throws Error with the description and the last answer or error, when the time is up
 */
export async function until<T>(
  description: string,
  condition: () => T | Promise<T>,
  options: { timeoutMs?: number; pauseMs?: number } = {},
): Promise<Exclude<T, false | 0 | 0n | '' | null | undefined>> {
  const { timeoutMs = 20_000, pauseMs = 10 } = options;
  const startedAt = performance.now();
  let last: { answer: unknown } | { error: unknown };
  do {
    try {
      const answer = await condition();
      if (isTruthy(answer)) return answer;
      last = { answer };
    } catch (error) {
      last = { error };
    }
    await wait(pauseMs);
  } while (performance.now() - startedAt < timeoutMs);
  const what = 'error' in last ? `last error: ${inspect(last.error)}` : `last answer: ${inspect(last.answer)}`;
  throw new Error(`waited ${timeoutMs} ms for ${description}; ${what}`, 'error' in last ? { cause: last.error } : {});
}

function isTruthy<T>(value: T): value is Exclude<T, false | 0 | 0n | '' | null | undefined> {
  return Boolean(value);
}
