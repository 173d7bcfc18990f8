import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { invalidFields } from './problem.ts';

/** Where a reader of the event log stands: the last entry's stream id of each partition, by partition index. */
export type Position = ReadonlyMap<number, string>;

const part = /^(\d{1,4})=(\d{1,16}-(\d{1,20}))$/;
/** Redis refuses a greater one: each read of the stream would fail. */
const sequenceMax = 2n ** 64n - 1n;

/** A position as an SSE id: `0=1700000000000-0,1=1700000000123-4`, partitions in order. */
export function formatPosition(position: Position): string {
  return [...position]
    .sort(([a], [b]) => a - b)
    .map(([partition, id]) => `${partition}=${id}`)
    .join(',');
}

/** The position in `text`, or undefined where it is none. */
export function parsePosition(text: string): Position | undefined {
  const position = new Map<number, string>();
  for (const piece of text.split(',')) {
    const [, partition, id, sequence] = part.exec(piece) ?? [];
    if (partition === undefined || id === undefined || sequence === undefined) return undefined;
    if (position.has(Number(partition)) || BigInt(sequence) > sequenceMax) return undefined;
    position.set(Number(partition), id);
  }
  return position;
}

/** For the `request.headers` of a route that answers a stream too: read by it alone, see `lastEventPosition`. */
export const lastEventIdHeaders = z.object({
  'Last-Event-ID': z
    .string()
    .optional()
    .openapi({ description: 'Of a stream: the id of the last event that was heard, as 0=1700000000000-0' }),
});

/**
 * Where a client that comes back wants to go on: its `Last-Event-ID`; undefined without one.
 *
 * @throws HttpProblem 400 where it is no position
 */
export function lastEventPosition(c: Context): Position | undefined {
  const header = c.req.header('last-event-id');
  if (!header) return undefined;
  const position = parsePosition(header);
  if (position) return position;
  throw invalidFields([{ field: 'Last-Event-ID', message: 'must be the id of an event of this stream' }]);
}
