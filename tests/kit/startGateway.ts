import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConfig } from 'common/config/readConfig';
import { listen } from 'common/process/listen';
import { createLogger } from 'common/telemetry/logger';
import { createRegistry } from 'common/telemetry/metrics';
import { createGatewayService } from 'gateway/service';
import { onTestFinished } from 'vitest';

export type Served = { server: Server; url: string; port: number };

/** An HTTP server in place of a service, until the test ends. */
export async function serve(listener: RequestListener, port = 0): Promise<Served> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => stopServing(server));
  const address = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${address.port}`, port: address.port };
}

/** Ends a server and every connection to it. */
export function stopServing(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A port that nothing listens on now. */
export async function silentPort(): Promise<number> {
  const { server, port } = await serve(() => {});
  await stopServing(server);
  return port;
}

/**
 * A gateway on a port of its own, until the test ends; what `env` does not say is down.
 *
 * @returns its URL
 */
export async function startGateway(env: NodeJS.ProcessEnv = {}): Promise<string> {
  const down = `http://127.0.0.1:${await silentPort()}`;
  const urls = { ORDER_URL: down, EXCHANGE_URL: down, POINT_URL: down, DEADLINE_URL: down };
  const redis = { REDIS_URL: `redis://127.0.0.1:${await silentPort()}` };
  const config = readConfig('gateway', { PORT: '0', ...urls, ...redis, ...env });
  const registry = createRegistry('gateway', { defaults: false });
  const service = createGatewayService({ config, registry, logger: createLogger('gateway', 'silent') });
  await service.start();
  const { url, close } = await listen(service.fetch, config);
  onTestFinished(async () => {
    await Promise.all([close(100), service.stop()]);
  });
  return url;
}
