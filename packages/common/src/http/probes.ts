import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Registry } from 'prom-client';
import type { AppEnv } from './appEnv.ts';
import { problem } from './problem.ts';

const probeTimeoutMs = 2000;

export type Probes = {
  name: string;
  registry: Registry;
  /** Why the service cannot do its work now; undefined when it can. */
  readiness: () => Promise<string | undefined>;
  /** What /healthz tells besides that the process is alive, such as the durability in force. */
  health: () => Promise<object>;
};

/**
 * /healthz: the process is alive (200 with Redis away too: a restart would not bring it back). /readyz: 503 with the
 * reason while the service cannot do its work. /metrics: the registry in Prometheus' text format.
 */
export function addProbes(app: OpenAPIHono<AppEnv>, { name, registry, readiness, health }: Probes): void {
  app.get('/healthz', async (c) => {
    const more = await inTime(health()).catch((error: unknown) => ({ unknown: reasonOf(error) }));
    return c.json({ status: 'ok', service: name, ...more });
  });
  app.get('/readyz', async (c) => {
    const reason = await inTime(readiness()).catch(reasonOf);
    if (reason === undefined) return c.json({ status: 'ready', service: name });
    return problem(c, 503, { title: 'Not ready', detail: reason, headers: { 'Retry-After': '1' } });
  });
  app.get('/metrics', async (c) => c.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType }));
}

const reasonOf = (error: unknown) => (error instanceof Error && error.message) || String(error);

/** A probe answers in time, even where Redis keeps a command for ever. */
async function inTime<T>(probe: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${probeTimeoutMs} ms`)), probeTimeoutMs);
  try {
    return await Promise.race([probe, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
