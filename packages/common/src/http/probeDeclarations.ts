import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { AppEnv } from './appEnv.ts';
import { problemResponses } from './problem.ts';

type Answers = RouteConfig['responses'];

const answers = (mediaType: string, schema: z.ZodType, description: string): Answers => ({
  200: { description, content: { [mediaType]: { schema } } },
});

const service = { service: z.string().openapi({ example: 'order' }) };
const alive = z.looseObject({ status: z.literal('ok'), ...service });
const ready = z.object({ status: z.literal('ready'), ...service });

/** Declares what every app answers besides its routes (probes.ts, app.ts, docsPage.ts): they are served without these. */
export function declareProbes(app: OpenAPIHono<AppEnv>): void {
  const declare = (path: string, operationId: string, summary: string, responses: Answers) =>
    app.openAPIRegistry.registerPath({ method: 'get', path, operationId, tags: ['probes'], summary, responses });
  declare('/healthz', 'getHealth', 'The process is alive; what else is known of it', {
    ...answers('application/json', alive, 'Alive, with Redis away too'),
  });
  declare('/readyz', 'getReadiness', 'It can do its work now', {
    ...answers('application/json', ready, 'It can'),
    ...problemResponses(503),
  });
  declare('/metrics', 'getMetrics', 'Metrics for Prometheus', {
    ...answers('text/plain', z.string(), "In Prometheus' text format"),
  });
  declare('/openapi.json', 'getDocument', 'This document', {
    ...answers('application/json', z.looseObject({ openapi: z.string() }), 'OpenAPI 3.1'),
  });
  declare('/docs', 'getDocs', 'This document, to read and to try', {
    ...answers('text/html', z.string(), 'A page'),
  });
}
