import { STATUS_CODES } from 'node:http';
import { z } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export type FieldError = { field: string; message: string };

/** RFC 9457: what every error answers, as application/problem+json. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

export type Problem = z.output<typeof problemSchema>;

export type ProblemOptions = {
  detail: string;
  /** A URI that names the kind of problem, where a status alone does not. */
  type?: string;
  /** The status's own phrase, if absent. */
  title?: string;
  /** Every invalid field. */
  errors?: readonly FieldError[];
  headers?: Readonly<Record<string, string>>;
};

/** A problem to throw where returning one would need a detour: `createApp` answers it. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: ContentfulStatusCode;
  readonly options: ProblemOptions;

  constructor(status: ContentfulStatusCode, options: ProblemOptions) {
    super(options.detail);
    this.status = status;
    this.options = options;
  }
}

/** The body of a problem about `instance`, the path that was asked for. */
export function problemBody(
  status: number,
  instance: string,
  { type, title, detail, errors }: ProblemOptions,
): Problem {
  return {
    type: type ?? 'about:blank',
    title: title ?? STATUS_CODES[status] ?? 'Unknown',
    status,
    detail,
    instance,
    ...(errors && { errors: [...errors] }),
  };
}

/** Answers a problem; its type fits a route that declares `problemResponses(status)`. */
export function problem<S extends ContentfulStatusCode>(
  c: Context,
  status: S,
  options: ProblemOptions,
): Response & TypedResponse<Problem, S, 'json'> {
  const headers = { ...options.headers, 'Content-Type': 'application/problem+json' };
  const response: Response = c.body(
    JSON.stringify(problemBody(status, new URL(c.req.url).pathname, options)),
    status,
    headers,
  );
  // The type carries what the body is; nothing of it exists at run time, as in Hono's own c.json().
  return response as Response & TypedResponse<Problem, S, 'json'>;
}

/** A 400 that names the invalid fields. */
export function invalidFields(errors: readonly FieldError[]): HttpProblem {
  const names = errors.map(({ field }) => field).join(', ');
  return new HttpProblem(400, { title: 'Invalid request', detail: `Not valid: ${names}`, errors });
}

type ProblemResponse = {
  description: string;
  headers?: typeof retryAfter;
  content: { 'application/problem+json': { schema: typeof problemSchema } };
};

const retryAfter = {
  'Retry-After': { description: 'Seconds after which to come back', schema: { type: 'string', pattern: '^[0-9]+$' } },
} as const;

/** The `responses` of a route for its problems: `responses: { 200: ..., ...problemResponses(400, 404) }`. */
export function problemResponses<const S extends ContentfulStatusCode>(...statuses: S[]): Record<S, ProblemResponse> {
  const entries = statuses.map((status): [S, ProblemResponse] => [
    status,
    {
      description: STATUS_CODES[status] ?? 'Problem',
      ...(status === 503 && { headers: retryAfter }),
      content: { 'application/problem+json': { schema: problemSchema } },
    },
  ]);
  return Object.fromEntries(entries) as Record<S, ProblemResponse>;
}
