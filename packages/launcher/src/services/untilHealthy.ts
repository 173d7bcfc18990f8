import { setTimeout as wait } from 'node:timers/promises';
import { Refusal } from '../refusal.ts';
import type { ServiceProcess } from './serviceProcess.ts';

const startTimeoutMs = 60_000;
const pauseMs = 40;

/**
 * Waits until a service answers GET /healthz with 200.
 * @throws Refusal with the service's own last line where it ends instead, or when a minute has passed
 */
export async function untilHealthy(name: string, url: string, service: ServiceProcess): Promise<void> {
  const giveUpAt = performance.now() + startTimeoutMs;
  while (service.alive()) {
    if (await isHealthy(url)) return;
    if (performance.now() > giveUpAt) throw new Refusal(`${name} did not answer at ${url}/healthz within a minute`);
    await wait(pauseMs);
  }
  const { code, signal } = await service.exited;
  const reason = reasonAmong(name, service.lastWords()) ?? `ended with ${signal ?? `exit code ${code}`} while starting`;
  throw new Refusal(reason.startsWith(`${name}:`) ? reason : `${name}: ${reason}`);
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The line in which a service says why it ends: one that starts with its name, else an error's, else the last. */
export function reasonAmong(name: string, lines: readonly string[]): string | undefined {
  const words = lines.filter((line) => line !== '');
  return (
    words.findLast((line) => line.startsWith(`${name}:`)) ??
    words.find((line) => /^(\w*Error\b|Uncaught)/.test(line)) ??
    words.at(-1)
  );
}
