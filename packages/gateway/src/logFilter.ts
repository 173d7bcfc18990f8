import type { EventType } from 'common/events/catalog';
import type { LogEntry } from 'common/log/logEntry';

/** Which entries of the log are wanted; all of them without a word. */
export type LogFilter = { type?: EventType | undefined; orderId?: number | undefined };

export function isWanted({ fields }: LogEntry, { type, orderId }: LogFilter): boolean {
  if (type !== undefined && fields.eventType !== type) return false;
  return orderId === undefined || fields.orderId === `${orderId}`;
}
