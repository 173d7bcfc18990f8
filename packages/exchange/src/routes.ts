import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from 'common/http/appEnv';
import { decimalRate, flag, identifier, isoTime, orderIdParam, rateText } from 'common/http/fields';
import { pageOf, pageQuery, pageSchema } from 'common/http/paging';
import { HttpProblem, problemResponses } from 'common/http/problem';
import type { Foundation } from 'common/process/foundation';
import { EXCHANGE_STATUSES, type Exchange } from './exchange.ts';
import { exchangePositions, exchangesAt, findExchange } from './queries.ts';
import { listRates, type Rate, setRate } from './rates.ts';

const exchangeSchema = z.object({
  orderId: z.number(),
  status: z.enum(EXCHANGE_STATUSES),
  userId: z.string(),
  currencyId: z.string().optional(),
  amount: z.number().optional(),
  rate: z.string().optional(),
  point: z.number().optional(),
  reason: z.string().optional(),
  createdAt: isoTime(),
});

const rateSchema = z.object({ currencyId: z.string(), rate: z.string(), suspended: z.boolean() });

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const standing = createRoute({
  method: 'get',
  path: '/exchanges',
  summary: 'Standing exchanges, newest first',
  request: { query: pageQuery.extend({ status: z.enum(EXCHANGE_STATUSES).default('EXCHANGED') }) },
  responses: { 200: json(pageSchema(exchangeSchema), 'A page of exchanges') },
});

const one = createRoute({
  method: 'get',
  path: '/exchanges/{orderId}',
  summary: 'The exchange of an order',
  request: { params: orderIdParam },
  responses: { 200: json(exchangeSchema, 'The exchange'), ...problemResponses(404) },
});

const rates = createRoute({
  method: 'get',
  path: '/rates',
  summary: 'Rates that were set; any other currency is 1.0',
  responses: { 200: json(z.object({ items: z.array(rateSchema) }), 'All rates') },
});

const put = createRoute({
  method: 'put',
  path: '/rates/{currencyId}',
  summary: 'Set a rate, or suspend a currency',
  request: {
    params: z.object({ currencyId: identifier('1') }),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ rate: decimalRate(), suspended: flag().optional() }),
        },
      },
    },
  },
  responses: { 200: json(rateSchema, 'The rate as it is now') },
});

const shown = ({ rate, at, ...exchange }: Exchange) => ({
  ...exchange,
  rate: rate === undefined ? undefined : rateText(rate),
  createdAt: new Date(at).toISOString(),
});

const shownRate = ({ currencyId, millionths, suspended }: Rate) => ({
  currencyId,
  rate: rateText(millionths),
  suspended,
});

/** The HTTP side of the exchange service: reads, and the operator's rates. */
export function addRoutes(app: OpenAPIHono<AppEnv>, foundation: Foundation): void {
  app.openapi(standing, async (c) => {
    const { limit, cursor, status } = c.req.valid('query');
    const found = await exchangePositions(foundation, status, limit + 1, cursor);
    const { items, nextCursor } = pageOf(found, limit, (position) => position);
    return c.json({ items: (await exchangesAt(foundation, items)).map(shown), nextCursor }, 200);
  });

  app.openapi(one, async (c) => {
    const { orderId } = c.req.valid('param');
    const exchange = await findExchange(foundation, orderId);
    if (!exchange)
      throw new HttpProblem(404, { title: 'No such exchange', detail: `Order ${orderId} has no exchange.` });
    return c.json(shown(exchange), 200);
  });

  app.openapi(rates, async (c) => c.json({ items: (await listRates(foundation)).map(shownRate) }, 200));

  app.openapi(put, async (c) => {
    const { currencyId } = c.req.valid('param');
    const { rate, suspended = false } = c.req.valid('json');
    const set = { currencyId, millionths: rate, suspended };
    await setRate(foundation, set);
    return c.json(shownRate(set), 200);
  });
}
