import { CATALOG, COMMON_FIELDS, EVENT_VERSION, type EventType, OPTIONAL_FIELDS } from 'common/events/catalog';
import { luaRefusal } from 'common/events/field';

/** The field declarations of the events an actor subscribes to, as the Lua functions that `fields.lua` calls. */
export function declaredFields(events: readonly EventType[]): string {
  const refusals = events.map((event) =>
    luaRefusal(`REFUSALS.${event}`, { ...COMMON_FIELDS, ...CATALOG[event] }, OPTIONAL_FIELDS),
  );
  return [`local EVENT_VERSION, REFUSALS = ${EVENT_VERSION}, {}`, ...refusals].join('\n');
}
