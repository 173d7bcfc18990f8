import { readConfig, type ServiceName } from 'common/config/readConfig';
import type { ServiceFactory } from 'common/process/service';
import { createRegistry } from 'common/telemetry/metrics';
import { pino } from 'pino';

export type Answer = { status: number; headers: Headers; body: unknown };

export type InProcess = {
  /** A request to its HTTP side, with `body` as JSON; the answer's body is read. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** The answer as it comes, for streams. */
  fetch(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** What /metrics says of one series, by its name and labels as they stand there; undefined where it is not there. */
  metric(series: string): Promise<number | undefined>;
  stop(): Promise<void>;
};

export type AskOptions = {
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Ends when the client goes. */
  signal?: AbortSignal;
};

/** Starts a service in the test's own process, without a port. Call stop() in afterAll. */
export async function startInProcess(
  name: ServiceName,
  factory: ServiceFactory,
  env: NodeJS.ProcessEnv,
): Promise<InProcess> {
  const registry = createRegistry(name, { defaults: false });
  const stopping = new AbortController();
  const service = factory({ config: readConfig(name, env), logger: pino({ level: 'silent' }), registry });
  await service.start();
  const send = async (path: string, init: RequestInit) =>
    service.fetch(new Request(`http://${name}${path}`, init), { stopping: stopping.signal });
  return {
    async ask(method, path, { body, headers = {}, signal } = {}) {
      const json = body === undefined ? {} : { body: JSON.stringify(body) };
      const contentType = body === undefined ? {} : { 'Content-Type': 'application/json' };
      const abort = signal ? { signal } : {};
      const answer = await send(path, { method, headers: { ...contentType, ...headers }, ...json, ...abort });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    },
    fetch: (path, headers = {}) => send(path, { headers }),
    async metric(series) {
      const lines = (await registry.metrics()).split('\n');
      const line = lines.find((each) => each.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
    async stop() {
      stopping.abort();
      await service.stop();
    },
  };
}
