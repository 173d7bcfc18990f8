import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { histogram, observerByStatus } from 'common/telemetry/metrics';
import type { Context, Handler } from 'hono';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { answerError } from './answerError.ts';
import { answerUnknown } from './answerUnknown.ts';
import type { AppEnv } from './appEnv.ts';
import { addDocsPage } from './docsPage.ts';
import { declareProbes } from './probeDeclarations.ts';
import { addProbes, type Probes } from './probes.ts';
import { requestInput } from './requestInput.ts';
import { shownRoute } from './shownRoute.ts';

export type AppOptions = Probes & {
  name: string;
  title: string;
  description: string;
  registry: Registry;
  logger: Logger;
  /** Makes /openapi.json of the app's own document; without it, that one is served. */
  document?: (own: object) => Promise<object>;
};

/**
 * A service's HTTP side: /healthz, /readyz, /metrics, /openapi.json and /docs, and for every route added with
 * `app.openapi(createRoute(...), handler)` its validation, its problem+json errors and its latency.
 *
 * A request costs one handler: `openapi` is replaced by one that reads, checks, answers and measures in a single function
 * (zod-openapi's own chain of middlewares stops at the first bad part of a request).
 * Per-route hooks are refused; handlers throw `HttpProblem` or return `problem(...)`.
 */
export function createApp(options: AppOptions): OpenAPIHono<AppEnv> {
  const { title, description, registry, logger } = options;
  const app = new OpenAPIHono<AppEnv>();
  const durations = histogram(registry, {
    name: 'http_request_duration_seconds',
    help: 'From the first byte of a request to the answer of its handler',
    labels: ['method', 'route', 'status'],
  });

  const openapi = ({ middleware, hide, ...route }: RouteConfig, handler: Handler, hook?: unknown) => {
    if (hook !== undefined) throw new TypeError(`${route.path}: hooks are not supported`);
    if (!hide) app.openAPIRegistry.registerPath(shownRoute(route));
    const readInput = requestInput(route);
    const observe = observerByStatus((status) => durations.labels(route.method, route.path, status));
    const answer = async (c: Context<AppEnv>): Promise<Response> => {
      const startMs = performance.now();
      let response: Response;
      try {
        await readInput(c);
        response = await handler(c, noNext);
      } catch (error) {
        response = answerError(error, c, logger);
      }
      observe(response.status, (performance.now() - startMs) / 1000);
      return response;
    };
    const before = middleware === undefined ? [] : [middleware].flat();
    app.on([route.method], [route.path.replaceAll(/\/{(.+?)}/g, '/:$1')], ...before, answer);
    return app;
  };
  // The declared type describes routes, not how they are run: it stays, and with it everything that it infers.
  app.openapi = openapi as unknown as typeof app.openapi;
  app.onError((error, c) => answerError(error, c, logger));
  app.notFound((c) => answerUnknown(app, c));

  addProbes(app, options);
  // Rendered when first asked for: by then every route is there.
  let own: object | undefined;
  app.get('/openapi.json', async (c) => {
    own ??= ownDocument(app, { title, description });
    return c.json(options.document ? await options.document(own) : own);
  });
  addDocsPage(app, title);
  return app;
}

/** The probes stand last: what a service is for comes first. */
function ownDocument(app: OpenAPIHono<AppEnv>, about: { title: string; description: string }): object {
  declareProbes(app);
  const license = { name: 'MIT', identifier: 'MIT' };
  // Relative: the document says the truth behind any host name. Nobody is asked who they are.
  const rest = { servers: [{ url: '/' }], security: [] };
  return app.getOpenAPI31Document({ openapi: '3.1.0', info: { ...about, version: '1.0.0', license }, ...rest });
}

const noNext = async () => {};
