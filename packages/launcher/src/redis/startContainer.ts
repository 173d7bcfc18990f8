import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { reasonOf } from '../refusal.ts';
import { type Ended, type RedisSettings, type RunningRedis, stopTimeoutMs } from './runningRedis.ts';
import { serverArguments } from './serverArguments.ts';
import { untilAnswers } from './untilAnswers.ts';

const containerPort = 6379;
const loopback = '127.0.0.1';

/** Runs the image with Testcontainers, its data in `dir` on this machine; see `startRedis`. */
export async function startContainer(name: string, settings: RedisSettings): Promise<RunningRedis> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  /** Testcontainers publishes on every interface, and this Redis has no password. */
  class LoopbackContainer extends GenericContainer {
    withPortOnLoopback(container: number, host: number): this {
      this.withExposedPorts({ container, host });
      this.hostConfig.PortBindings = { [`${container}/tcp`]: [{ HostIp: loopback, HostPort: String(host) }] };
      return this;
    }
  }
  await mkdir(settings.dir, { recursive: true });
  const { container: engine, info } = await getContainerRuntimeClient();
  const image = new LoopbackContainer(name);
  // An engine elsewhere cannot be reached through its own loopback.
  const isHere = hostOf(info.containerRuntime.host) === loopback;
  const published = isHere
    ? image.withPortOnLoopback(containerPort, settings.port)
    : image.withExposedPorts({ container: containerPort, host: settings.port });
  const place = { bind: '0.0.0.0', port: containerPort, dir: '/data' };
  const started = await published
    // Not the image's own entry point: it would give the files to a user of its own.
    .withEntrypoint(['redis-server'])
    .withCommand([...serverArguments(settings, place), '--protected-mode', 'no'])
    .withUser(fileOwner(await engine.dockerode.info()))
    .withBindMounts([{ source: settings.dir, target: '/data' }])
    .withWaitStrategy(Wait.forListeningPorts())
    .start()
    .catch((error) => Promise.reject(new Error(`Docker does not run ${name}: ${reasonOf(error)}`)));
  const container = engine.getById(started.getId());
  const exited: Promise<Ended> = container.wait().then(
    ({ StatusCode }: { StatusCode: number }) => ({ code: StatusCode, signal: null }),
    () => ({ code: null, signal: null }),
  );
  let gone = false;
  const stop = async (timeoutMs = stopTimeoutMs) => {
    if (gone) return;
    gone = true;
    await started.stop({ remove: true, timeout: timeoutMs });
  };
  const kill = async () => {
    if (gone) return;
    gone = true;
    await container.kill({ signal: 'SIGKILL' });
    await exited;
    await container.remove({ force: true, v: true });
  };
  const url = `redis://${hostOf(started.getHost())}:${settings.port}`;
  try {
    await untilAnswers(url, () => {
      settings.signal?.throwIfAborted();
      return undefined;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, port: settings.port, container: started.getId(), stop, kill, exited };
}

/** The user that our own files belong to: in a rootless engine that is the container's root. */
function fileOwner(info: { SecurityOptions?: string[] }): string {
  const rootless = info.SecurityOptions?.some((option) => option.includes('rootless')) ?? false;
  const { uid, gid } = userInfo();
  return rootless || uid < 0 ? '0:0' : `${uid}:${gid}`;
}

/** `localhost` may be ::1 first, where nobody listens. */
function hostOf(host: string): string {
  return host === 'localhost' ? loopback : host;
}
