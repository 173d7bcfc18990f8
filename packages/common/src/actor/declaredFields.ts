import { CATALOG, COMMON_FIELDS, type EventType, OPTIONAL_FIELDS } from 'common/events/catalog';
import { luaRefusal } from 'common/events/field';

/** The field declarations of the events an actor subscribes to, as the Lua functions that `fields.lua` calls. */
export function declaredFields(events: readonly EventType[]): string {
  const refusals = events.map((event) =>
    luaRefusal(`REFUSALS.${event}`, { ...COMMON_FIELDS, ...CATALOG[event] }, OPTIONAL_FIELDS),
  );
  return ['local REFUSALS = {}', ...refusals].join('\n');
}
