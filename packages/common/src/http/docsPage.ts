import type { OpenAPIHono } from '@hono/zod-openapi';
import { Scalar } from '@scalar/hono-api-reference';
import type { AppEnv } from './appEnv.ts';

type Described = { name: string; title: string; description: string };

/** /openapi.json from the routes (rendered once, when first asked for), and /docs, a page that shows it. */
export function addDocsPage(app: OpenAPIHono<AppEnv>, { title, description }: Described): void {
  let json: string | undefined;
  app.get('/openapi.json', (c) => {
    json ??= JSON.stringify(
      app.getOpenAPI31Document({ openapi: '3.1.0', info: { title, version: '1.0.0', description } }),
    );
    return c.body(json, 200, { 'Content-Type': 'application/json' });
  });
  app.get('/docs', Scalar({ url: '/openapi.json', pageTitle: title }));
}
