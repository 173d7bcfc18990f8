import { parseEvent } from 'common/events/sagaEvent';
import { rateText } from './fields.ts';

type Entry = { id: string; fields: Readonly<Record<string, string>> };

const iso = (ms: number) => new Date(ms).toISOString();

/** An event as clients see it; one that the published language does not know, as it stands in the log. */
export function shownEvent({ id, fields }: Entry): { id: string } & Record<string, string | number> {
  const parsed = parseEvent(fields);
  if (!parsed.ok) return { ...fields, id };
  const { event } = parsed;
  const { timestamp, deadline, ...rest } = event;
  const rate = 'rate' in event ? { rate: rateText(event.rate) } : {};
  return { id, ...rest, ...rate, timestamp: iso(timestamp), deadline: iso(deadline) };
}
