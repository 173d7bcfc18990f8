import type { Parts } from 'common/script/assemble';
import type { Script } from 'common/script/script';
import { type ScriptReply, ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';

/**
 * Hears what a script has answered, before its caller does, who waits for it; what it throws, the caller gets in the
 * reply's place.
 */
export type ReplyListener = (script: Script, reply: ScriptReply<string>) => void | Promise<void>;

/** Runs scripts as services do, and lets a test hear each reply, hold it up or lose it. */
export class WatchedRunner extends ScriptRunner {
  readonly #onReply: ReplyListener;

  /** @param replaced see ScriptRunner */
  constructor(onReply: ReplyListener, replaced: Parts = {}) {
    super(replaced);
    this.#onReply = onReply;
  }

  override async run<K extends string, A extends string, R extends string>(
    redis: Redis,
    script: Script<K, A, R>,
    keys: Readonly<Record<K, string>>,
    args: Readonly<Record<A, string | number>>,
    more: readonly (string | number)[] = [],
  ): Promise<ScriptReply<R>> {
    const reply = await super.run(redis, script, keys, args, more);
    await this.#onReply(script, reply);
    return reply;
  }
}
