import { z } from '@hono/zod-openapi';
import { positiveInteger } from './fields.ts';

const maxPageItems = 500;
const defaultPageItems = 50;

/** The last item of a page: lists are newest first by `at` (milliseconds), then by id. */
export type Cursor = { at: number; id: string };

/** A cursor as a client carries it: opaque, safe in a URL. */
export function encodeCursor({ at, id }: Cursor): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

/** The cursor in `text`, or undefined where `encodeCursor` did not make it. */
export function decodeCursor(text: string): Cursor | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const [at, id]: unknown[] = parts;
  const whole = typeof at === 'number' && Number.isSafeInteger(at) && at >= 0 && typeof id === 'string';
  return whole && encodeCursor({ at, id }) === text ? { at, id } : undefined;
}

/** `?limit` (1-500, default 50) and `?cursor`; more filters by `pageQuery.extend({ status: ... })`. */
export const pageQuery = z.object({
  limit: positiveInteger({ max: maxPageItems })
    .optional()
    .transform((limit) => limit ?? defaultPageItems)
    .openapi({ type: 'integer', minimum: 1, maximum: maxPageItems, default: defaultPageItems }),
  cursor: z
    .string()
    .optional()
    .transform((text, ctx): Cursor | undefined => {
      const cursor = text === undefined ? undefined : decodeCursor(text);
      if (text === undefined || cursor) return cursor;
      ctx.addIssue({ code: 'custom', message: 'must be the nextCursor of a page' });
      return z.NEVER;
    })
    .openapi({ type: 'string', description: 'nextCursor of the page before' }),
});

/** The schema of a page of `item`; `nextCursor` is null on the last one. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * A page of what was found.
 *
 * @param found up to `limit + 1` items, newest first: one more than fits says that there is another page
 * @param cursorOf where an item stands in the list
 */
export function pageOf<Item>(found: readonly Item[], limit: number, cursorOf: (item: Item) => Cursor) {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: last !== undefined && found.length > limit ? encodeCursor(cursorOf(last)) : null };
}
