import { entryFields } from 'common/events/sagaEvent';

/** One entry of the event log as readers outside the actors see it; whether it is an event at all is for them to ask. */
export type LogEntry = { id: string; fields: Readonly<Record<string, string>> };

/** Gives names to a stream entry. Not validated: a tail reads every entry of the log to find the few that somebody waits for. */
export const logEntry = ([id, flat]: readonly [string, readonly string[]]): LogEntry => ({
  id,
  fields: entryFields(flat),
});

/** Orders stream ids (`<ms>-<sequence>`): negative where `a` is older. */
export function compareIds(a: string, b: string): number {
  const [aMs = '0', aSequence = '0'] = a.split('-');
  const [bMs = '0', bSequence = '0'] = b.split('-');
  return Number(aMs) - Number(bMs) || Number(aSequence) - Number(bSequence);
}
