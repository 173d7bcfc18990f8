import { StartRefusal } from 'common/config/startRefusal';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { commandsOf, formOf, isFor, isKeyless, type KeyType } from './commandForms.ts';

/** A kind of key by one example, for rights are given by pattern; or, where others than our scripts use it, by what they do. */
export type UsedKey = { key: string; type: KeyType } | { key: string; forms: readonly string[] };

/** What a service sends to Redis. */
export type Needs = {
  /** The assembled texts of its scripts. */
  sources: readonly string[];
  /** Commands that it sends besides them. */
  commands: readonly string[];
  /** Its kinds of keys, partition by partition. */
  keys: readonly (readonly UsedKey[])[];
};

/** Every service runs scripts, keeps its connections, and asks Redis how it is. */
const ALWAYS = ['EVAL', 'EVALSHA', 'TIME', 'INFO', 'PING', 'CLIENT SETNAME'];

/**
 * Every command with every kind of key that it is for, as Redis would be sent it. Partitions after the first are asked
 * about once for each key: rights are given by pattern, and a thousand partitions would be a long start.
 */
export function dryRuns({ sources, commands, keys: [first = [], ...others] }: Needs): string[][] {
  const all = commandNames({ sources, commands });
  const keyless = all.filter(isKeyless).map(formOf);
  const full = first.flatMap((used) => formsFor(used, all).map((form) => withKey(form, used.key)));
  const rest = others.flat().flatMap((used) =>
    formsFor(used, all)
      .slice(0, 1)
      .map((form) => withKey(form, used.key)),
  );
  return [...keyless.map((form) => form.split(' ')), ...full, ...rest];
}

const commandNames = ({ sources, commands }: Pick<Needs, 'sources' | 'commands'>): string[] => [
  ...new Set([...ALWAYS, ...commands, ...sources.flatMap((source) => [...commandsOf(source)])]),
];

function formsFor(used: UsedKey, commands: readonly string[]): readonly string[] {
  if ('forms' in used) return used.forms;
  return commands.filter((command) => isFor(command, used.type)).map(formOf);
}

const withKey = (form: string, key: string) => form.split(' ').map((word) => (word === '$' ? key : word));

/**
 * The least that a Redis user needs, as rules of ACL SETUSER: `needs` with patterns in the place of example keys.
 * `ACL WHOAMI` and `ACL DRYRUN` are among them: without these nothing could be checked.
 */
export function aclRules(needs: Needs): string[] {
  const forms = needs.keys.flat().flatMap((used) => ('forms' in used ? used.forms : []));
  const names = [...commandNames(needs), ...forms.map((form) => form.slice(0, form.search(/ [^A-Z]|$/)))];
  const commands = [...names, 'ACL WHOAMI', 'ACL DRYRUN'].map((name) => `+${name.toLowerCase().replace(' ', '|')}`);
  const patterns = [...new Set(needs.keys.flat().map(({ key }) => `~${key.replaceAll(' ', '?')}`))];
  return [
    ...patterns.filter((one) => !patterns.some((other) => covers(other, one))),
    '-@all',
    ...[...new Set(commands)].sort(),
  ];
}

const covers = (pattern: string, other: string) =>
  pattern !== other && pattern.endsWith('*') && other.startsWith(pattern.slice(0, -1));

/**
 * Asks Redis whether this user may run every command of the scripts on every kind of key they touch: a right that is
 * missing in the middle of a script would leave half of it written.
 *
 * @throws StartRefusal that names user, command and key
 */
export async function checkRights(redis: Redis, needs: Needs, logger: Logger): Promise<void> {
  const user = await redis.call('ACL', 'WHOAMI').catch(unlessForbidden);
  if (user === undefined) return warn(logger);
  const runs = dryRuns(needs);
  const pipeline = redis.pipeline();
  for (const run of runs) pipeline.call('ACL', 'DRYRUN', String(user), ...run);
  for (const [i, [error, reply]] of ((await pipeline.exec()) ?? []).entries()) {
    if (error && unlessForbidden(error) === undefined) return warn(logger);
    if (reply !== 'OK') throw new StartRefusal(rightMissing(String(user), runs[i] ?? [], String(reply)));
  }
}

/** Managed servers may forbid ACL altogether; any other error is one. */
function unlessForbidden(error: Error): undefined {
  if (!error.message.startsWith('NOPERM')) throw error;
}

const warn = (logger: Logger) =>
  logger.warn('the rights of this Redis user cannot be checked: it may not run ACL WHOAMI and ACL DRYRUN');

const rightMissing = (user: string, run: readonly string[], reply: string) =>
  `Redis user ${user} lacks a right that is needed, ${run.join(' ')} (${reply}): ` +
  'give it with ACL SETUSER, docs/operations.md lists all of them';
