import { luaSettings } from 'common/script/luaSettings';
import { subscriptions, type TransitionTable } from 'common/transitions/table';
import { declaredFields } from './declaredFields.ts';
import { drainScript } from './scripts/drain.ts';
import { handleScript } from './scripts/handle.ts';

/**
 * Both ways into an actor's transitions, made of the same parts.
 *
 * @param scriptsFolder where the service's transitions lie, one file each
 * @param transitionFiles which file decides on which event
 * @param settings numbers of the configuration, constants to the scripts
 */
export function actorScripts(
  table: TransitionTable,
  scriptsFolder: string,
  transitionFiles: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, number>>,
) {
  const parts = {
    transitions: [...new Set(Object.values(transitionFiles))].map((file) => `-- @include ${file}`).join('\n'),
    declaredFields: declaredFields(subscriptions(table)),
    settings: luaSettings(settings),
  };
  const folders = [scriptsFolder];
  return { drain: drainScript(parts, folders), handle: handleScript(parts, folders) };
}
