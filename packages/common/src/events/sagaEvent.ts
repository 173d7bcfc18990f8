import { z } from 'zod';
import { CATALOG, COMMON_FIELDS, EVENT_TYPES, EVENT_VERSION, type EventType, OPTIONAL_FIELDS } from './catalog.ts';
import { type FieldKind, type Fields, fieldSchema, integer } from './field.ts';

type Value<F extends FieldKind> = F extends { kind: 'integer' } ? number : string;
type Shape<T extends Fields> = { -readonly [name in keyof T]: Value<T[name]> };

/** One event as TypeScript sees it: numbers are numbers, and `eventType` tells which fields there are. */
export type SagaEvent = {
  [T in EventType]: { eventType: T } & Shape<typeof COMMON_FIELDS> &
    Partial<Shape<typeof OPTIONAL_FIELDS>> &
    Shape<(typeof CATALOG)[T]>;
}[EventType];

const shape = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]));

const optional = Object.fromEntries(
  Object.entries(OPTIONAL_FIELDS).map(([name, field]) => [name, fieldSchema(field).optional()]),
);

const [first, ...others] = EVENT_TYPES.map((eventType) =>
  z.object({
    eventType: z.literal(eventType),
    ...shape(COMMON_FIELDS),
    ...optional,
    ...shape(CATALOG[eventType]),
  }),
);
if (!first) throw new Error('the catalog is empty');

/** The schema of a stream entry: a union told apart by `eventType`; unknown fields are left out of the result. */
export const eventSchema = z.discriminatedUnion('eventType', [first, ...others]);

export type ParsedEvent = { ok: true; event: SagaEvent } | { ok: false; problem: string };

/** Reads the fields of a stream entry; a refusal names every field that is wrong. */
export function parseEvent(fields: Readonly<Record<string, string>>): ParsedEvent {
  const parsed = eventSchema.safeParse(fields);
  if (parsed.success) return { ok: true, event: parsed.data as SagaEvent };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'event'}: ${issue.message}`);
  return { ok: false, problem: problems.join('; ') };
}

const newer = fieldSchema(integer(EVENT_VERSION + 1));

/** Why this release leaves an entry to a later one: it is of a version that is not known here. Undefined where it is. */
export function newerVersion({ version, eventType }: Readonly<Record<string, string>>): string | undefined {
  if (!newer.safeParse(version).success) return undefined;
  return `version ${version} of ${eventType} is newer than this service knows: upgrade it`;
}

/** Makes a record of a stream entry's flat field list. */
export function entryFields(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[String(flat[i])] = String(flat[i + 1]);
  return fields;
}
