import type { Needs, UsedKey } from 'common/redis/checkRights';
import type { Script } from './script.ts';
import type { ScriptRunner } from './scriptRunner.ts';

/** What one part of a service does in Redis: its scripts, what it sends besides, the kinds of keys that both are for. */
export type Rights = {
  scripts: readonly Script[];
  /** As `commandForms.ts` names them. */
  commands: readonly string[];
  /** One key of each kind, named after `name` where it has a name: an example, or `*` for the pattern. */
  keys: (tag: string, name: string) => readonly UsedKey[];
};

/** What several parts of a service need together, in these partitions. */
export function needsOf(parts: readonly Rights[], runner: ScriptRunner, tags: readonly string[], name = '1'): Needs {
  return {
    sources: parts.flatMap(({ scripts }) => scripts.map((script) => runner.source(script))),
    commands: parts.flatMap(({ commands }) => commands),
    keys: tags.map((tag) => parts.flatMap(({ keys }) => keys(tag, name))),
  };
}
