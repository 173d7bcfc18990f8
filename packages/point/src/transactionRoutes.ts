import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { POINT_FAILURES } from 'common/events/catalog';
import type { AppEnv } from 'common/http/appEnv';
import { isoTime, orderIdParam } from 'common/http/fields';
import { pageOf, pageQuery, pageSchema } from 'common/http/paging';
import { HttpProblem, problemResponses } from 'common/http/problem';
import type { Foundation } from 'common/process/foundation';
import { jsonContent } from './jsonContent.ts';
import { findTransaction, transactionPositions, transactionsAt } from './queries.ts';
import { TRANSACTION_STATUSES, type Transaction } from './transaction.ts';

const transactionSchema = z.object({
  orderId: z.number(),
  userId: z.string(),
  pointUsed: z.number().openapi({
    description: 'The points that were taken (USED), or taken and given back (REFUNDED); 0 where none were taken',
  }),
  status: z.enum(TRANSACTION_STATUSES),
  reason: z
    .string()
    .optional()
    .openapi({ description: `Why it FAILED: ${POINT_FAILURES.join(', ')}` }),
  createdAt: isoTime(),
});

const list = createRoute({
  method: 'get',
  path: '/transactions',
  summary: 'Transactions, newest first',
  request: { query: pageQuery.extend({ status: z.enum(TRANSACTION_STATUSES).optional() }) },
  responses: { 200: { description: 'A page of transactions', ...jsonContent(pageSchema(transactionSchema)) } },
});

const one = createRoute({
  method: 'get',
  path: '/transactions/{orderId}',
  summary: 'The transaction of an order',
  request: { params: orderIdParam },
  responses: { 200: { description: 'The transaction', ...jsonContent(transactionSchema) }, ...problemResponses(404) },
});

const shown = ({ at, ...transaction }: Transaction) => ({ ...transaction, createdAt: new Date(at).toISOString() });

/** Transactions over HTTP: reads alone, for events make them. */
export function addTransactionRoutes(app: OpenAPIHono<AppEnv>, foundation: Foundation): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, status } = c.req.valid('query');
    const statuses = status === undefined ? TRANSACTION_STATUSES : [status];
    const found = await transactionPositions(foundation, statuses, limit + 1, cursor);
    const { items, nextCursor } = pageOf(found, limit, (position) => position);
    return c.json({ items: (await transactionsAt(foundation, items)).map(shown), nextCursor }, 200);
  });

  app.openapi(one, async (c) => {
    const { orderId } = c.req.valid('param');
    const transaction = await findTransaction(foundation, orderId);
    if (!transaction)
      throw new HttpProblem(404, { title: 'No such transaction', detail: `Order ${orderId} has no transaction.` });
    return c.json(shown(transaction), 200);
  });
}
