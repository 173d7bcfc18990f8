import { execFile, fork } from 'node:child_process';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../kit/freePort.ts';
import { readComposeFile, root } from './composeFile.ts';

const run = promisify(execFile);
const outputMax = 64 * 1024 * 1024;

/** compose.yaml as a project of one test's own: own name, own image, own ports, own volumes. */
export type ComposeProject = {
  /** `docker compose ARGS...` of this project: what it printed. Rejects with what it said on its standard error. */
  compose(...args: string[]): Promise<string>;
  /** Where a service's port is published. */
  url(service: string): string;
  /** `docker inspect` of a service's container, through a Go template. */
  inspect(service: string, template: string): Promise<string>;
  /** What there still is of the project: containers, volumes, networks, its image. */
  remains(): Promise<string[]>;
  /** Ends and removes all of it. */
  down(): Promise<void>;
};

/** Makes the project; nothing of it runs yet. */
export async function composeProject(name: string): Promise<ComposeProject> {
  const services = Object.keys(readComposeFile().services);
  const ports = new Map<string, number>();
  for (const service of services) ports.set(service, await freePort());
  // A busy machine needs longer to start a container again than an order usually has.
  const env: NodeJS.ProcessEnv = { ...process.env, SAGA_IMAGE: `${name}:test`, DEADLINE_MS: '60000' };
  for (const [service, port] of ports) env[`${service.toUpperCase()}_PORT`] = String(port);

  const all = ['compose', '--project-name', name, '--project-directory', root, '--env-file', devNull];
  const options = { cwd: root, env, maxBuffer: outputMax };
  const docker = async (...args: string[]) => (await run('docker', args, options)).stdout.trim();
  const compose = (...args: string[]) => docker(...all, ...args);
  const remove = ['down', '--volumes', '--remove-orphans', '--timeout', '1'];

  // Detached, for Ctrl-C is not meant for it.
  const sweeper = fork(join(import.meta.dirname, 'composeSweeper.ts'), [...all, ...remove], {
    cwd: root,
    env,
    detached: true,
    stdio: 'ignore',
  });
  sweeper.unref();
  sweeper.channel?.unref();

  return {
    compose,
    url: (service) => `http://127.0.0.1:${ports.get(service)}`,
    async inspect(service, template) {
      const id = await compose('ps', '--all', '--quiet', service);
      return docker('inspect', '--format', template, id);
    },
    async remains() {
      const own = ['--quiet', '--filter', `label=com.docker.compose.project=${name}`];
      const found = await Promise.all([
        docker('ps', '--all', ...own),
        docker('volume', 'ls', ...own),
        docker('network', 'ls', ...own),
        docker('images', '--quiet', `${name}:test`),
      ]);
      return found.flatMap((text) => text.split('\n')).filter((line) => line !== '');
    },
    async down() {
      await compose(...remove);
      await docker('image', 'rm', '--force', `${name}:test`);
      sweeper.kill();
    },
  };
}
