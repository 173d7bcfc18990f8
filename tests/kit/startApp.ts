import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type AppOptions, createApp } from 'common/http/app';
import type { AppEnv } from 'common/http/appEnv';
import { identifier, positiveInteger } from 'common/http/fields';
import { idempotencyKeyHeaders } from 'common/http/idempotencyKey';
import { HttpProblem, type Problem, problem, problemResponses } from 'common/http/problem';
import { listen } from 'common/process/listen';
import { createRegistry } from 'common/telemetry/metrics';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';

const order = z.object({ holderId: identifier(), amount: positiveInteger() }).openapi('NewOrder');
const json = { 'application/json': { schema: order } };

function addRoutes(app: OpenAPIHono<AppEnv>, faults: Record<string, Error>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/orders',
      request: { headers: idempotencyKeyHeaders, body: { required: true, content: json } },
      responses: { 201: { description: 'Made', content: json }, ...problemResponses(400, 409) },
    }),
    async (c) => {
      const body = c.req.valid('json');
      if (body.holderId === 'taken') return problem(c, 409, { detail: 'It is taken', type: 'urn:taken' });
      return c.json(body, 201, { Location: '/orders/1' });
    },
  );
  app.openapi(
    createRoute({
      method: 'put',
      path: '/rates/{currencyId}',
      request: {
        params: z.object({ currencyId: identifier() }),
        query: z.object({ limit: positiveInteger({ max: 5 }).optional() }),
        headers: idempotencyKeyHeaders,
        body: { content: json },
      },
      responses: { 200: { description: 'Set' } },
    }),
    (c) => c.json({ ...c.req.valid('param'), ...c.req.valid('query'), ...c.req.valid('json') }),
  );
  app.openapi(
    createRoute({ method: 'get', path: '/fault/{name}', hide: true, responses: { 200: { description: 'Never' } } }),
    (c) => {
      throw faults[c.req.param('name') ?? ''] ?? new HttpProblem(404, { detail: 'No such fault' });
    },
  );
  app.get('/plain/:name', (c) => {
    throw faults[c.req.param('name')] ?? new HttpProblem(404, { detail: 'No such fault' });
  });
}

/** An app with a few routes as services have them, on a port of its own until the test ends. */
export async function startApp(options: Partial<AppOptions> = {}, faults: Record<string, Error> = {}) {
  const log: Record<string, unknown>[] = [];
  const app = createApp({
    name: 'order',
    title: 'Orders',
    description: 'About orders.',
    registry: createRegistry('order', { defaults: false }),
    logger: pino({ level: 'info' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    readiness: async () => undefined,
    health: async () => ({ durability: 'everysec' }),
    ...options,
  });
  addRoutes(app, faults);
  const listening = await listen(app.fetch, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => listening.close(0));
  return { app, log, url: listening.url };
}

/** Posts JSON, or sends it by the `method` among the headers. */
export const send = (url: string, body: string, { method = 'POST', ...headers }: Record<string, string> = {}) =>
  fetch(url, { method, body, headers: { 'Content-Type': 'application/json', ...headers } });

/** The problem that an answer is; its status is the answer's own. */
export async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const body = (await answer.json()) as Problem;
  expect(body.status).toBe(answer.status);
  return body;
}
