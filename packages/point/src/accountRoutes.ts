import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from 'common/http/appEnv';
import { identifier, positiveInteger } from 'common/http/fields';
import { idempotencyKey, idempotencyKeyHeaders } from 'common/http/idempotencyKey';
import { pageOf, pageQuery, pageSchema } from 'common/http/paging';
import { HttpProblem, problemResponses } from 'common/http/problem';
import type { Foundation } from 'common/process/foundation';
import type { Account } from './account.ts';
import { jsonContent } from './jsonContent.ts';
import type { PointIntake } from './pointIntake.ts';
import { accountPositions, accountsAt, findAccount } from './queries.ts';

const balanceSchema = z.object({ userId: z.string(), point: z.number() });

const accountSchema = balanceSchema.extend({
  deposited: z.number().openapi({ description: 'Everything that was ever paid in: point = deposited - used' }),
  used: z.number().openapi({
    description: "The points of the user's transactions with status USED, and usedArchived on top where it is there",
  }),
  usedArchived: z
    .number()
    .optional()
    .openapi({ description: 'The part of used whose transactions were removed after their retention' }),
});

const userParam = z.object({ userId: identifier() });

const open = createRoute({
  method: 'post',
  path: '/points',
  summary: "Open a user's account with its first points",
  request: {
    headers: idempotencyKeyHeaders,
    body: { required: true, ...jsonContent(z.object({ userId: identifier(), point: positiveInteger() })) },
  },
  responses: {
    201: {
      description: 'The new account',
      ...jsonContent(balanceSchema),
      headers: { Location: { description: 'Where the account is', schema: { type: 'string' } } },
    },
    // The account exists, or the key came with another body.
    ...problemResponses(409),
  },
});

const pay = createRoute({
  method: 'post',
  path: '/points/{userId}/deposits',
  summary: 'Pay points in; an Idempotency-Key makes a retry return the first answer',
  request: {
    params: userParam,
    headers: idempotencyKeyHeaders,
    body: { required: true, ...jsonContent(z.object({ point: positiveInteger() })) },
  },
  // 409: the key came with another body, or more than can ever be paid in.
  responses: {
    200: { description: 'The balance after it', ...jsonContent(balanceSchema) },
    ...problemResponses(404, 409),
  },
});

const list = createRoute({
  method: 'get',
  path: '/points',
  summary: 'Accounts, newest first',
  request: { query: pageQuery },
  responses: { 200: { description: 'A page of accounts', ...jsonContent(pageSchema(accountSchema)) } },
});

const one = createRoute({
  method: 'get',
  path: '/points/{userId}',
  summary: "A user's account",
  request: { params: userParam },
  responses: { 200: { description: 'The account', ...jsonContent(accountSchema) }, ...problemResponses(404) },
});

const shown = ({ userId, point, deposited, used, usedArchived }: Account) => ({
  userId,
  point,
  deposited,
  used,
  ...(usedArchived > 0 && { usedArchived }),
});

const noAccount = (userId: string) =>
  new HttpProblem(404, { title: 'No such account', detail: `${userId} has no account.` });

const otherBody = () =>
  new HttpProblem(409, {
    title: 'Key used before',
    detail: 'This Idempotency-Key came with another body before.',
    errors: [{ field: 'Idempotency-Key', message: 'came with another body before' }],
  });

const tooMuch = (userId: string, room: number) =>
  new HttpProblem(409, {
    title: 'Too many points',
    detail: `Of all that is ever paid into the account of ${userId}, only ${room} more can be counted.`,
    errors: [{ field: 'point', message: `must be at most ${room}` }],
  });

/** Accounts over HTTP: opening, paying in, looking at. */
export function addAccountRoutes(app: OpenAPIHono<AppEnv>, foundation: Foundation, intake: PointIntake): void {
  app.openapi(open, async (c) => {
    const { userId, point } = c.req.valid('json');
    const answer = await intake.open(userId, point, idempotencyKey(c));
    if (answer.kind === 'CONFLICT') throw otherBody();
    if (answer.kind === 'EXISTS')
      throw new HttpProblem(409, { title: 'Account exists', detail: `${userId} has an account already.` });
    c.header('Location', `/points/${encodeURIComponent(userId)}`);
    return c.json({ userId, point: answer.point }, 201);
  });

  app.openapi(pay, async (c) => {
    const { userId } = c.req.valid('param');
    const { point } = c.req.valid('json');
    const answer = await intake.deposit(userId, point, idempotencyKey(c));
    if (answer.kind === 'CONFLICT') throw otherBody();
    if (answer.kind === 'NO_ACCOUNT') throw noAccount(userId);
    if (answer.kind === 'TOO_MUCH') throw tooMuch(userId, answer.room);
    return c.json({ userId, point: answer.point }, 200);
  });

  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await accountPositions(foundation, limit + 1, cursor);
    const { items, nextCursor } = pageOf(found, limit, (position) => position);
    return c.json({ items: (await accountsAt(foundation, items)).map(shown), nextCursor }, 200);
  });

  app.openapi(one, async (c) => {
    const { userId } = c.req.valid('param');
    const account = await findAccount(foundation, userId);
    if (!account) throw noAccount(userId);
    return c.json(shown(account), 200);
  });
}
