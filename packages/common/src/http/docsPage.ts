import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { Scalar } from '@scalar/hono-api-reference';
import type { AppEnv } from './appEnv.ts';

/** The page's script: read from the installed package and served from here, so that it works without the internet. */
const scriptPath = '/docs/scalar.js';
const scriptFile = fileURLToPath(new URL('browser/standalone.js', import.meta.resolve('@scalar/api-reference')));

/** The browser itself refuses anything that does not come from this service. */
const onlyFromHere = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
].join('; ');

/** /docs: a page that shows the /openapi.json of the same origin and lets one try every request. */
export function addDocsPage(app: OpenAPIHono<AppEnv>, title: string): void {
  const page = Scalar<AppEnv>({
    url: '/openapi.json',
    cdn: scriptPath,
    pageTitle: title,
    // Each of these would ask a server of somebody else.
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    hideClientButton: true,
    mcp: { disabled: true },
    showDeveloperTools: 'never',
  });
  app.get('/docs', async (c, next) => {
    c.header('Content-Security-Policy', onlyFromHere);
    return page(c, next);
  });
  app.get(scriptPath, async (c) => {
    const headers = { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'public, max-age=86400' };
    return c.body(await readFile(scriptFile), 200, headers);
  });
}
