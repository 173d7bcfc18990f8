import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { serverPid } from 'launcher/redis/ask';

/** The file in a server's folder that says which process listens on which port. */
export function pidFileName(port: number): string {
  return `redis-${port}.pid`;
}

/**
 * Ends the servers and containers whose data lies under `home`, and removes that folder.
 * @param containers whether to ask Docker too
 * @returns what was still running, in words
 */
export async function sweep(home: string, containers: boolean): Promise<string[]> {
  const ended = containers ? await sweepContainers(home) : await sweepServers(home);
  await rm(home, { recursive: true, force: true });
  return ended;
}

async function sweepServers(home: string): Promise<string[]> {
  const ended: string[] = [];
  for (const entry of await readdir(home, { recursive: true }).catch(() => [])) {
    const port = /redis-(\d+)\.pid$/.exec(entry)?.[1];
    if (port === undefined) continue;
    const pid = Number(await readFile(join(home, entry), 'utf8'));
    // The file of a killed server stays, and its pid may be somebody else's by now: only the server itself counts.
    if ((await serverPid(`redis://127.0.0.1:${port}`).catch(() => undefined)) !== pid) continue;
    process.kill(pid, 'SIGKILL');
    ended.push(`server ${pid}`);
  }
  return ended;
}

async function sweepContainers(home: string): Promise<string[]> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { container } = await getContainerRuntimeClient();
  const ended: string[] = [];
  for (const { Id, Mounts } of await container.list()) {
    if (!Mounts.some(({ Source }) => Source?.startsWith(home))) continue;
    await container.getById(Id).remove({ force: true, v: true });
    ended.push(`container ${Id.slice(0, 12)}`);
  }
  return ended;
}
