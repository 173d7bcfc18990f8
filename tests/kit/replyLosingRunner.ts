import type { Script } from 'common/script/script';
import { type ScriptReply, ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';

/**
 * Runs scripts as services do, and loses replies: the script has run, and its caller learns no more than that a connection
 * was lost.
 */
export class ReplyLosingRunner extends ScriptRunner {
  readonly #losing = new Map<string, (reply: ScriptReply<string>) => boolean>();
  readonly lost: string[] = [];

  /** Loses the next reply of this script that `which` is true of. */
  lose(scriptName: string, which: (reply: ScriptReply<string>) => boolean): void {
    this.#losing.set(scriptName, which);
  }

  override async run<K extends string, A extends string, R extends string>(
    redis: Redis,
    script: Script<K, A, R>,
    keys: Readonly<Record<K, string>>,
    args: Readonly<Record<A, string | number>>,
    more: readonly (string | number)[] = [],
  ): Promise<ScriptReply<R>> {
    const reply = await super.run(redis, script, keys, args, more);
    if (this.#losing.get(script.name)?.(reply)) {
      this.#losing.delete(script.name);
      this.lost.push(script.name);
      throw new Error('Connection is closed.');
    }
    return reply;
  }
}
