import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from 'common/http/appEnv';
import { isoTime, orderIdParam } from 'common/http/fields';
import { pageOf, pageQuery, pageSchema } from 'common/http/paging';
import { HttpProblem, problemResponses } from 'common/http/problem';
import type { Foundation } from 'common/process/foundation';
import { DEADLINE_STATUSES, type Deadline } from './deadline.ts';
import { findDeadline, pendingAt, pendingPositions } from './queries.ts';

const pendingSchema = z.object({ orderId: z.number(), startedTime: isoTime().optional(), deadline: isoTime() });

const deadlineSchema = pendingSchema.extend({
  status: z.enum(DEADLINE_STATUSES),
  reachedAt: isoTime().optional(),
  lateMs: z.number().optional().openapi({ description: 'How long after the deadline it fired' }),
});

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const pending = createRoute({
  method: 'get',
  path: '/deadlines',
  summary: 'Pending deadlines, newest first',
  request: { query: pageQuery },
  responses: { 200: json(pageSchema(pendingSchema), 'A page of deadlines') },
});

const one = createRoute({
  method: 'get',
  path: '/deadlines/{orderId}',
  summary: 'The deadline of an order: pending, cancelled, or reached and how late',
  request: { params: orderIdParam },
  responses: { 200: json(deadlineSchema, 'The deadline'), ...problemResponses(404) },
});

const iso = (ms: number) => new Date(ms).toISOString();

const shownPending = ({ orderId, startedTime, deadline }: Deadline) => ({
  orderId,
  ...(startedTime !== undefined && { startedTime: iso(startedTime) }),
  deadline: iso(deadline),
});

const shown = (found: Deadline) => ({
  ...shownPending(found),
  status: found.status,
  ...(found.reachedAt !== undefined && {
    reachedAt: iso(found.reachedAt),
    lateMs: found.reachedAt - found.deadline,
  }),
});

/** The HTTP side of the deadline service: reads alone. */
export function addRoutes(app: OpenAPIHono<AppEnv>, foundation: Foundation): void {
  app.openapi(pending, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await pendingPositions(foundation, limit + 1, cursor);
    const { items, nextCursor } = pageOf(found, limit, (position) => position);
    return c.json({ items: (await pendingAt(foundation, items)).map(shownPending), nextCursor }, 200);
  });

  app.openapi(one, async (c) => {
    const { orderId } = c.req.valid('param');
    const found = await findDeadline(foundation, orderId);
    if (!found)
      throw new HttpProblem(404, { title: 'No such deadline', detail: `Order ${orderId} has no deadline here.` });
    return c.json(shown(found), 200);
  });
}
