import { createHash } from 'node:crypto';
import { assemble, type Parts } from './assemble.ts';

/**
 * A Lua script as TypeScript knows it. The names of keys and arguments are those that the script's first lines bind and
 * its header lists, in the same order; a test compares the three.
 */
export type Script<K extends string = string, A extends string = string, R extends string = string> = {
  name: string;
  file: string;
  keys: readonly K[];
  args: readonly A[];
  /** The words that its reply may begin with. */
  replies: readonly R[];
  /** Where it answers for several things in one call: the words that the answer for one of them may begin with. */
  each: readonly string[];
  /** Lua parts that are not files: generated declarations, the transitions of an actor. */
  parts: Parts;
  /** Where its includes are looked for besides its own folder and the shared one. */
  folders: readonly string[];
};

type Optional = 'each' | 'parts' | 'folders';

/** Declares a script; nothing is read from disk before it is first run. */
export function defineScript<const K extends string, const A extends string, const R extends string>(
  script: Omit<Script<K, A, R>, Optional> & Partial<Pick<Script<K, A, R>, Optional>>,
): Script<K, A, R> {
  return { ...script, each: script.each ?? [], parts: script.parts ?? {}, folders: script.folders ?? [] };
}

export type AssembledScript = { source: string; sha: string };

/** The script's text and the digest that EVALSHA knows it by; `replaced` parts win (a virtual clock in tests). */
export function assembleScript(script: Script, replaced: Parts = {}): AssembledScript {
  const source = assemble(script.file, { ...script.parts, ...replaced }, script.folders);
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
