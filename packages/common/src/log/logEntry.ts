import { entryFields, parseEvent, type SagaEvent } from 'common/events/sagaEvent';

/** One entry of the event log as readers outside the actors see it. */
export type LogEntry = {
  id: string;
  fields: Readonly<Record<string, string>>;
  /** Undefined where the entry is of an unknown type or malformed. */
  event: SagaEvent | undefined;
};

/** Gives names to a stream entry. */
export function logEntry([id, flat]: readonly [string, readonly string[]]): LogEntry {
  const fields = entryFields(flat);
  const parsed = parseEvent(fields);
  return { id, fields, event: parsed.ok ? parsed.event : undefined };
}

/** Orders stream ids (`<ms>-<sequence>`): negative where `a` is older. */
export function compareIds(a: string, b: string): number {
  const [aMs = '0', aSequence = '0'] = a.split('-');
  const [bMs = '0', bSequence = '0'] = b.split('-');
  return Number(aMs) - Number(bMs) || Number(aSequence) - Number(bSequence);
}
