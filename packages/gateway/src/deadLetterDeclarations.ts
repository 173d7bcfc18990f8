import { createRoute, z } from '@hono/zod-openapi';
import { GROUPS } from 'common/events/keys';
import { positiveInteger } from 'common/http/fields';
import { pageQuery, pageSchema } from 'common/http/paging';
import { problemResponses } from 'common/http/problem';
import { actionSchema, deadLetterSchema } from './shownDeadLetter.ts';

const REASONS = ['FAILED', 'MALFORMED', 'STALE', 'TRIMMED'] as const;
const REASON_CHARS_MAX = 500;
const BULK_MAX = 1_000;
const BULK = 100;

const tags = ['dead letters'];
const streamId = z
  .string()
  .regex(/^\d{1,15}-\d{1,15}$/, 'must be the id of a dead letter, <ms>-<sequence>')
  .openapi({ example: '1700000000000-0' });
const one = {
  params: z.object({ id: streamId }),
  query: z.object({
    partition: positiveInteger({ min: 0, max: 1_023 })
      .optional()
      .transform((partition) => partition ?? 0)
      .openapi({ type: 'integer', minimum: 0, maximum: 1_023, default: 0 }),
  }),
};
const why = z.string().min(1, 'must not be empty').max(REASON_CHARS_MAX);

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const body = <S extends z.ZodType>(schema: S) => ({ content: { 'application/json': { schema } } });

export const listRoute = createRoute({
  method: 'get',
  path: '/dead-letters',
  tags,
  summary: 'Events that a service could not handle',
  description: 'Newest first, or oldest first with `order=oldest`; ids are unique within a partition.',
  request: {
    query: pageQuery.extend({
      group: z.enum(GROUPS).optional(),
      reason: z.enum(REASONS).optional(),
      order: z.enum(['newest', 'oldest']).default('newest'),
    }),
  },
  responses: { 200: json(pageSchema(deadLetterSchema), 'A page of dead letters') },
});

export const actionsRoute = createRoute({
  method: 'get',
  path: '/dead-letters/actions',
  tags,
  summary: 'What was done with dead letters, newest first',
  request: { query: pageQuery },
  responses: { 200: json(pageSchema(actionSchema), 'A page of the record') },
});

export const oneRoute = createRoute({
  method: 'get',
  path: '/dead-letters/{id}',
  tags,
  summary: 'One dead letter',
  request: one,
  responses: { 200: json(deadLetterSchema, 'The dead letter'), ...problemResponses(404) },
});

export const redriveManyRoute = createRoute({
  method: 'post',
  path: '/dead-letters/redrive',
  tags,
  summary: 'Send many dead letters again, in the order of the log',
  description: 'Those that were sent are dead letters no more, so that the same request again sends the rest.',
  request: {
    body: body(
      z.object({
        group: z.enum(GROUPS).optional(),
        deadReason: z.enum(REASONS).optional(),
        reason: why.optional(),
        limit: positiveInteger({ max: BULK_MAX })
          .optional()
          .transform((limit) => limit ?? BULK)
          .openapi({ type: 'integer', minimum: 1, maximum: BULK_MAX, default: BULK }),
      }),
    ),
  },
  responses: {
    200: json(
      z.object({
        redriven: z.number(),
        gone: z.number().openapi({ description: 'Sent again or given up by somebody else meanwhile' }),
        more: z.boolean().openapi({ description: 'Whether there may be more to send' }),
      }),
      'How many were sent again',
    ),
  },
});

export const redriveRoute = createRoute({
  method: 'post',
  path: '/dead-letters/{id}/redrive',
  tags,
  summary: 'Send a dead letter again, once',
  request: { ...one, body: body(z.object({ reason: why.optional() })) },
  responses: {
    200: json(z.object({ result: z.literal('REDRIVEN') }), 'It is in the log again'),
    ...problemResponses(404, 409),
  },
});

export const discardRoute = createRoute({
  method: 'post',
  path: '/dead-letters/{id}/discard',
  tags,
  summary: 'Give a dead letter up',
  request: { ...one, body: { required: true, ...body(z.object({ reason: why })) } },
  responses: {
    200: json(z.object({ result: z.literal('DISCARDED') }), 'The record keeps what it was'),
    ...problemResponses(404),
  },
});
