import { isAlive, untilGone } from '../processes/isAlive.ts';
import { serverPid } from '../redis/ask.ts';
import { removeContainer } from '../redis/removeContainer.ts';
import { Refusal } from '../refusal.ts';
import type { RunFile } from '../runFile.ts';

const goneTimeoutMs = 5_000;

/**
 * Clears up after a launcher that was killed: its services end by themselves, its Redis does not.
 * @throws Refusal when that Redis does not end, for two servers must not write the same files
 */
export async function endOrphans(run: RunFile, say: (message: string) => void): Promise<void> {
  const { pid, container, url } = run.redis;
  if (container !== undefined && (await removeContainer(container)))
    say(`removed the Redis that a killed launcher left`);
  // Only the server that answers there with that very process id is the one that was left.
  if (pid !== undefined && (await serverPid(url).catch(() => undefined)) === pid) {
    say(`ending the Redis (process ${pid}) that a killed launcher left`);
    process.kill(pid, 'SIGTERM');
    if (!(await untilGone(pid, goneTimeoutMs))) throw new Refusal(`Redis (process ${pid}) does not end; end it first`);
  }
  const services = run.services.map((service) => service.pid ?? 0).filter((id) => id > 0 && isAlive(id));
  await Promise.all(services.map((id) => untilGone(id, goneTimeoutMs)));
}
