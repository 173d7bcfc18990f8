import type { Script } from 'common/script/script';
import { type ScriptReply, ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';

/** Runs scripts as services do, and remembers which words each of them has answered: coverage of Lua. */
export class RecordingRunner extends ScriptRunner {
  readonly #words = new Map<string, Set<string>>();

  override async run<K extends string, A extends string, R extends string>(
    redis: Redis,
    script: Script<K, A, R>,
    keys: Readonly<Record<K, string>>,
    args: Readonly<Record<A, string | number>>,
    more: readonly (string | number)[] = [],
  ): Promise<ScriptReply<R>> {
    const reply = await super.run(redis, script, keys, args, more);
    const words = this.#words.get(script.name) ?? new Set();
    this.#words.set(script.name, words.add(reply.word));
    if (script.each.length > 0) for (const [word] of reply.rest as string[][]) words.add(String(word));
    return reply;
  }

  /** The replies of these scripts that were never seen, as `script WORD`. */
  unseen(scripts: readonly Script[]): string[] {
    return scripts.flatMap(({ name, replies, each }) =>
      [...replies, ...each].filter((word) => !this.#words.get(name)?.has(word)).map((word) => `${name} ${word}`),
    );
  }
}
