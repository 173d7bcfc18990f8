import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../refusal.ts';
import type { Way } from './way.ts';

export const redisImage = 'redis:8.0';

/** A Docker that answers and has the image, or can pull it. */
export const fromDocker: Way = async ({ env, onProgress }) => {
  if (!mayHaveDocker(env)) return { missing: 'no Docker socket' };
  // Loaded only here: it costs a third of a second, and most starts do without it.
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  try {
    const client = await getContainerRuntimeClient();
    const image = ImageName.fromString(redisImage);
    if (!(await client.image.exists(image))) {
      onProgress(`Docker answers: pulling ${redisImage}`);
      await client.image.pull(image);
    }
    return { kind: 'docker', image: redisImage };
  } catch (error) {
    return { missing: `Docker: ${reasonOf(error)}` };
  }
};

/** Whether anything points to a Docker, so that it is worth the time to ask. */
export function mayHaveDocker(env: NodeJS.ProcessEnv, exists: (path: string) => boolean = existsSync): boolean {
  const sockets = [
    '/var/run/docker.sock',
    join(homedir(), '.docker/run/docker.sock'),
    join(homedir(), '.testcontainers.properties'),
    join(env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`, 'docker.sock'),
  ];
  return process.platform === 'win32' || (env.DOCKER_HOST ?? '') !== '' || sockets.some(exists);
}
