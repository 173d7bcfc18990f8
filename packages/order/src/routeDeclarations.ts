import { createRoute, z } from '@hono/zod-openapi';
import { identifier, isoTime, orderIdParam, positiveInteger } from 'common/http/fields';
import { idempotencyKeyHeaders } from 'common/http/idempotencyKey';
import { pageQuery, pageSchema } from 'common/http/paging';
import { lastEventIdHeaders } from 'common/http/position';
import { maxWaitS } from 'common/http/prefer';
import { problemResponses } from 'common/http/problem';
import { ORDER_STATUSES } from './order.ts';

const orderSchema = z
  .object({
    id: z.number().int(),
    holderId: z.string(),
    currencyId: z.string(),
    amount: z.number().int(),
    status: z.enum(ORDER_STATUSES),
    createdAt: isoTime(),
    deadline: isoTime(),
    settledAt: isoTime().optional(),
  })
  .openapi('Order');

const eventSchema = z
  .looseObject({
    id: z.string().openapi({ example: '1700000000000-0' }),
    eventType: z.string(),
    version: z.number().int(),
    orderId: z.number().int(),
    timestamp: isoTime(),
    deadline: isoTime(),
    causationId: z.string().optional().openapi({ description: 'id of the event that caused it' }),
  })
  .openapi('OrderEvent', { description: 'More fields by eventType' });

const noteSchema = z
  .object({
    group: z.string().openapi({ description: 'the service that ignored it' }),
    eventId: z.string(),
    why: z.string().openapi({ example: 'EXPIRED' }),
    lateMs: z.number().openapi({ description: 'how long after the deadline' }),
    at: isoTime(),
  })
  .openapi('IgnoredEvent');

const preferHeaders = z.object({
  Prefer: z
    .string()
    .optional()
    .openapi({ example: 'wait=5', description: `answer when settled, or after N seconds (at most ${maxWaitS})` }),
});

const preferenceApplied = {
  'Preference-Applied': { description: 'The wait that was granted', schema: { type: 'string', example: 'wait=5' } },
} as const;

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export const placeRoute = createRoute({
  method: 'post',
  path: '/orders',
  summary: 'Place an order',
  description:
    'With an Idempotency-Key (scoped by holder) a repetition answers the first order as it is now and never makes a second.',
  request: {
    headers: idempotencyKeyHeaders.extend(preferHeaders.shape),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            holderId: identifier(),
            currencyId: identifier('1'),
            amount: positiveInteger().openapi({ example: 500 }),
          }),
        },
      },
    },
  },
  responses: {
    201: {
      ...json(orderSchema, 'The order; its outcome follows within its deadline'),
      headers: { Location: { description: 'Where the order is', schema: { type: 'string' } }, ...preferenceApplied },
    },
    // 409: the key was used for another order; 410: the order of the key is not kept any more.
    ...problemResponses(409, 410),
  },
});

export const listRoute = createRoute({
  method: 'get',
  path: '/orders',
  summary: 'Orders, newest first',
  description: 'With both filters a page may hold fewer than `limit` orders although another page follows.',
  request: {
    query: pageQuery.extend({ status: z.enum(ORDER_STATUSES).optional(), holderId: identifier().optional() }),
  },
  responses: { 200: json(pageSchema(orderSchema), 'A page of orders') },
});

export const oneRoute = createRoute({
  method: 'get',
  path: '/orders/{orderId}',
  summary: 'An order',
  request: { params: orderIdParam, headers: preferHeaders },
  responses: { 200: { ...json(orderSchema, 'The order'), headers: preferenceApplied }, ...problemResponses(404) },
});

export const eventsRoute = createRoute({
  method: 'get',
  path: '/orders/{orderId}/events',
  summary: 'Every event of an order, in the order of the log',
  description:
    'As text/event-stream: the events so far, then each as it comes, until the client leaves; Last-Event-ID resumes.',
  request: { params: orderIdParam, headers: lastEventIdHeaders },
  responses: {
    200: {
      description: 'Its events, and which of them a service ignored and why',
      content: {
        'application/json': { schema: z.object({ items: z.array(eventSchema), ignored: z.array(noteSchema) }) },
        'text/event-stream': { schema: z.string() },
      },
    },
    ...problemResponses(404),
  },
});
