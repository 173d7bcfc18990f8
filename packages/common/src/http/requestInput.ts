import type { RouteConfig, z } from '@hono/zod-openapi';
import type { Context, ValidationTargets } from 'hono';
import { type FieldError, invalidFields } from './problem.ts';
import { readJsonBody } from './readBody.ts';

type Target = keyof ValidationTargets;

/** One part of a request: where it is taken from, and what it must be. */
type Part = { target: Target; schema: z.ZodType; take: (c: Context) => unknown };

/**
 * Reads and validates everything that `route` declares (path, query, headers, JSON body), so that handlers take it by
 * `c.req.valid(...)`. All parts are checked before an answer: an error names every invalid field, wherever it stands.
 *
 * @throws HttpProblem 400, 413 or 415 (from the returned function)
 * @throws TypeError at once for a declaration that it does not know (forms, cookies)
 */
export function requestInput(route: RouteConfig): (c: Context) => Promise<void> {
  const parts = partsOf(route);
  const body = bodySchemaOf(route);
  return async (c) => {
    let errors: FieldError[] | undefined;
    const check = ({ target, schema }: Omit<Part, 'take'>, input: unknown) => {
      const result = schema.safeParse(input);
      if (result.success) c.req.addValidatedData(target, result.data as object);
      else errors = [...(errors ?? []), ...fieldErrors(result.error, target)];
    };
    for (const part of parts) check(part, part.take(c));
    if (body) check({ target: 'json', schema: body }, await readJsonBody(c.req.raw));
    if (errors) throw invalidFields(errors);
  };
}

function partsOf({ path, request }: RouteConfig): Part[] {
  const parts: Part[] = [];
  if (request?.cookies) throw new TypeError(`${path}: cookies are not read`);
  if (request?.params) parts.push({ target: 'param', schema: request.params, take: (c) => c.req.param() });
  if (request?.query) parts.push({ target: 'query', schema: request.query, take: (c) => c.req.query() });
  if (request?.headers) {
    const { headers } = request;
    if (!('shape' in headers)) throw new TypeError(`${path}: headers must be one z.object`);
    const names = Object.keys(headers.shape as object);
    const take = (c: Context) => Object.fromEntries(names.map((name) => [name, c.req.header(name)]));
    parts.push({ target: 'header', schema: headers as z.ZodType, take });
  }
  return parts;
}

function bodySchemaOf({ path, request }: RouteConfig): z.ZodType | undefined {
  if (!request?.body) return undefined;
  const media = request.body.content['application/json'];
  const schema = media && 'schema' in media ? media.schema : undefined;
  if (!schema || !('safeParse' in schema))
    throw new TypeError(`${path}: a body must be application/json with a zod schema`);
  return schema as z.ZodType;
}

/** The first fault of each field, in the words of a person who sent it. */
function fieldErrors(error: z.ZodError, target: Target): FieldError[] {
  const byField = new Map<string, string>();
  for (const { path, message } of error.issues) {
    const field = path.join('.') || (target === 'json' ? 'body' : target);
    if (!byField.has(field)) byField.set(field, wording(message));
  }
  return [...byField].map(([field, message]) => ({ field, message }));
}

function wording(message: string): string {
  if (/^Invalid input: expected .* received undefined$/.test(message)) return 'is required';
  return message.replace(/^Invalid input: expected /, 'must be of type ').replace(', received ', ', but is of type ');
}
