import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { invalidFields } from './problem.ts';

const headerName = 'Idempotency-Key';
const visibleAscii = /^[\x21-\x7e]{1,255}$/;
const expected = 'must be 1 to 255 visible ASCII characters';

/** For a route's `request.headers`, so that the documentation shows it and a bad key is named with the other bad fields. */
export const idempotencyKeyHeaders = z.object({
  // Without an example: the page at /docs would send it with every request, and the second try would be no try.
  [headerName]: z
    .string()
    .regex(visibleAscii, expected)
    .optional()
    .openapi({ description: 'The same again makes a repetition of the request answer what the first did' }),
});

/** The key of one request, so that a retry of it cannot act twice. */
export type IdempotencyKey = {
  key: string;
  /** The client gave it and may come back with it; otherwise it was made for our own retry alone. */
  given: boolean;
};

/**
 * The request's `Idempotency-Key`, or a new one.
 *
 * @throws HttpProblem 400 for a key that is empty, longer than 255 or not visible ASCII
 */
export function idempotencyKey(c: Context): IdempotencyKey {
  const key = c.req.header(headerName);
  if (key === undefined) return { key: randomUUID(), given: false };
  if (!visibleAscii.test(key)) throw invalidFields([{ field: headerName, message: expected }]);
  return { key, given: true };
}
