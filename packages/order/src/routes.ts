import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from 'common/http/appEnv';
import { idempotencyKey } from 'common/http/idempotencyKey';
import { lastEventPosition } from 'common/http/position';
import { preferredWaitS } from 'common/http/prefer';
import { HttpProblem } from 'common/http/problem';
import { sse, wantsEventStream } from 'common/http/sse';
import type { Foundation } from 'common/process/foundation';
import { liveHistory, orderHistory } from './history.ts';
import type { LogTails } from './logTails.ts';
import { type Order, shownOrder } from './order.ts';
import type { OrderIntake } from './orderIntake.ts';
import { findOrder, listOrders } from './queries.ts';
import { eventsRoute, listRoute, oneRoute, placeRoute } from './routeDeclarations.ts';
import type { Created } from './scripts/createOrders.ts';
import { untilSettled } from './settlement.ts';

/** A busy system needs a moment; a client that comes back at once would be part of what keeps it busy. */
const RETRY_AFTER_S = '2';

/** The HTTP side of the order service. */
export function addRoutes(
  app: OpenAPIHono<AppEnv>,
  foundation: Foundation,
  { intake, tails }: { intake: OrderIntake; tails: LogTails },
): void {
  const existing = async (orderId: number) => {
    const order = await findOrder(foundation, orderId);
    if (!order) throw new HttpProblem(404, { title: 'No such order', detail: `There is no order ${orderId}.` });
    return order;
  };

  /** The order as the client wants it: now, or settled where it says that it can wait. */
  const awaited = (order: Order, waitS: number | undefined, client: Client): Order | Promise<Order> => {
    if (!waitS) return order;
    return untilSettled(order, tails.of(order.id), {
      read: () => findOrder(foundation, order.id),
      waitMs: waitS * 1_000,
      signal: endOf(client),
    });
  };

  app.openapi(placeRoute, async (c) => {
    const created = placed(await intake(c.req.valid('json'), idempotencyKey(c)));
    const order = await awaited(created, preferredWaitS(c), c);
    return c.json(shownOrder(order), 201, { Location: `/orders/${order.id}` });
  });

  app.openapi(listRoute, async (c) => {
    const { items, nextCursor } = await listOrders(foundation, c.req.valid('query'));
    return c.json({ items: items.map(shownOrder), nextCursor }, 200);
  });

  app.openapi(oneRoute, async (c) => {
    const { orderId } = c.req.valid('param');
    const order = await awaited(await existing(orderId), preferredWaitS(c), c);
    return c.json(shownOrder(order), 200);
  });

  app.openapi(eventsRoute, async (c) => {
    const { orderId } = c.req.valid('param');
    await existing(orderId);
    if (!wantsEventStream(c)) return c.json(await orderHistory(foundation, orderId), 200);
    const after = lastEventPosition(c);
    return sse(c, (signal) => liveHistory(foundation, tails, orderId, after, signal));
  });
}

/** What of a request tells that nobody waits for its answer any more. */
type Client = { req: { raw: Request }; env?: { stopping?: AbortSignal } };

/** Aborts when the client goes, and when the process is asked to end. */
function endOf({ req, env }: Client): AbortSignal {
  const { signal } = req.raw;
  const stopping = env?.stopping;
  return stopping ? AbortSignal.any([signal, stopping]) : signal;
}

/** @throws HttpProblem where no order is to be shown */
function placed(created: Created): Order {
  switch (created.kind) {
    case 'CREATED':
    case 'REPLAYED':
      return created.order;
    case 'CONFLICT':
      throw new HttpProblem(409, {
        title: 'Idempotency-Key used for another order',
        detail: `This key made order ${created.orderId}, with another currencyId or amount: use a new key.`,
      });
    case 'GONE':
      throw new HttpProblem(410, {
        title: 'Order not kept any more',
        detail: `This key made order ${created.orderId}, which is not kept any more. It was not made again.`,
      });
    case 'OVERLOADED':
      throw new HttpProblem(503, {
        title: 'Overloaded',
        detail: 'More orders are waiting than can be settled in time: try again with the same key.',
        headers: { 'Retry-After': RETRY_AFTER_S },
      });
  }
}
