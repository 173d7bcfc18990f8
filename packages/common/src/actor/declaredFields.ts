import { CATALOG, COMMON_FIELDS, type EventType, OPTIONAL_FIELDS } from 'common/events/catalog';
import { luaFields } from 'common/events/field';

/** The field declarations of the events an actor subscribes to, as the Lua table that `fields.lua` checks against. */
export function declaredFields(events: readonly EventType[]): string {
  const declared = events.map((event) => `  ${event} = ${luaFields({ ...COMMON_FIELDS, ...CATALOG[event] })},`);
  return ['local DECLARED_FIELDS = { events = {', ...declared, `}, optional = ${luaFields(OPTIONAL_FIELDS)} }`].join(
    '\n',
  );
}
