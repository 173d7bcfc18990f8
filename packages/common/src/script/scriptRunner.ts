import type { Redis } from 'ioredis';
import type { Parts } from './assemble.ts';
import { type AssembledScript, assembleScript, type Script } from './script.ts';

export type ScriptReply<R extends string> = { word: R; rest: readonly unknown[] };

/** Runs scripts by their digest on one connection; a server that does not know one (restarted, flushed) is sent its text. */
export class ScriptRunner {
  readonly #assembled = new Map<Script, AssembledScript>();
  readonly #replaced: Parts;

  /** @param replaced parts put in the place of the files of the same name, in every script (a virtual clock in tests) */
  constructor(replaced: Parts = {}) {
    this.#replaced = replaced;
  }

  /**
   * Runs a script and checks that its reply is one of its words.
   *
   * @param more arguments after the named ones, for scripts that take a list
   * @throws the error of Redis or of the connection; whether the script ran is then unknown
   */
  async run<K extends string, A extends string, R extends string>(
    redis: Redis,
    script: Script<K, A, R>,
    keys: Readonly<Record<K, string>>,
    args: Readonly<Record<A, string | number>>,
    more: readonly (string | number)[] = [],
  ): Promise<ScriptReply<R>> {
    const parameters = [...script.keys.map((key) => keys[key]), ...script.args.map((arg) => args[arg]), ...more];
    const reply = await this.#evaluate(redis, script, parameters);
    if (!Array.isArray(reply)) throw new TypeError(`${script.name} answered ${String(reply)} instead of a list`);
    const [word, ...rest] = reply;
    if (!isReply(script, word))
      throw new TypeError(`${script.name} answered ${String(word)}, not one of ${script.replies}`);
    return { word, rest };
  }

  /** The text that would run, for preflight checks and for reading. */
  source(script: Script): string {
    return this.#assemble(script).source;
  }

  async #evaluate(redis: Redis, script: Script, parameters: (string | number)[]): Promise<unknown> {
    const { sha, source } = this.#assemble(script);
    try {
      return await redis.evalsha(sha, script.keys.length, ...parameters);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(source, script.keys.length, ...parameters);
    }
  }

  #assemble(script: Script): AssembledScript {
    const known = this.#assembled.get(script);
    if (known) return known;
    const assembled = assembleScript(script, this.#replaced);
    this.#assembled.set(script, assembled);
    return assembled;
  }
}

function isReply<R extends string>(script: Script<string, string, R>, word: unknown): word is R {
  return (script.replies as readonly unknown[]).includes(word);
}
