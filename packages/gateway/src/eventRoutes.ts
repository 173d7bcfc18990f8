import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { EVENT_TYPES } from 'common/events/catalog';
import type { AppEnv } from 'common/http/appEnv';
import { isoTime, positiveInteger } from 'common/http/fields';
import { pageQuery, pageSchema } from 'common/http/paging';
import { lastEventIdHeaders, lastEventPosition } from 'common/http/position';
import { shownEvent } from 'common/http/shownEvent';
import { sse, wantsEventStream } from 'common/http/sse';
import type { LogTail } from 'common/log/logTail';
import type { Partition } from 'common/partition/partition';
import type { Foundation } from 'common/process/foundation';
import { eventPage } from './eventPage.ts';
import { liveEvents } from './liveEvents.ts';

const eventSchema = z
  .looseObject({
    id: z.string(),
    eventType: z.string().openapi({ example: EVENT_TYPES[0] }),
    orderId: z.number(),
    timestamp: isoTime(),
  })
  .openapi('LoggedEvent', { description: 'More fields by eventType; of a type that is not known, text alone' });

const eventsRoute = createRoute({
  method: 'get',
  path: '/events',
  tags: ['gateway'],
  summary: 'The event log of all services',
  description:
    'Newest first. With `Accept: text/event-stream` live instead: each event as it comes, oldest first, ' +
    'from now on or after `Last-Event-ID`. A page of a rare type may be short and have a next page all the same.',
  request: {
    headers: lastEventIdHeaders,
    query: pageQuery.extend({ type: z.enum(EVENT_TYPES).optional(), orderId: positiveInteger().optional() }),
  },
  responses: {
    200: {
      description: 'A page of the log, or a stream of it',
      content: { 'application/json': { schema: pageSchema(eventSchema) }, 'text/event-stream': { schema: z.string() } },
    },
  },
});

/** /events: the log itself, the one page of the gateway that needs Redis. */
export function addEventRoutes(
  app: OpenAPIHono<AppEnv>,
  foundation: Foundation,
  tails: ReadonlyMap<Partition, LogTail>,
): void {
  app.openapi(eventsRoute, async (c) => {
    const { type, orderId, limit, cursor } = c.req.valid('query');
    if (wantsEventStream(c)) {
      const after = lastEventPosition(c);
      const open = (signal: AbortSignal) => liveEvents({ foundation, tails, filter: { type, orderId }, after, signal });
      return sse(c, open);
    }
    const { items, nextCursor } = await eventPage(foundation, { type, orderId, limit, cursor });
    return c.json({ items: items.map(shownEvent), nextCursor }, 200);
  });
}
