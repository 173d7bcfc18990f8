import type { z } from '@hono/zod-openapi';

/** A JSON body of this schema, for a route's request or answer. */
export const jsonContent = <S extends z.ZodType>(schema: S) => ({ content: { 'application/json': { schema } } });
