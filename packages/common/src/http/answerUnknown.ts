import type { Context, Hono } from 'hono';
import type { AppEnv } from './appEnv.ts';
import { problem } from './problem.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Answers a request that no route takes: 405 with `Allow` where the path is known by other methods, else 404. */
export function answerUnknown(app: Hono<AppEnv>, c: Context): Response {
  const { method, path } = c.req;
  const known = methods.filter((candidate) => app.router.match(candidate, path)[0].length > 0);
  if (known.length === 0) return problem(c, 404, { detail: `Nothing is at ${path}` });
  const allow = known.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
  return problem(c, 405, { detail: `${method} is not known at ${path}, but ${allow}`, headers: { Allow: allow } });
}
