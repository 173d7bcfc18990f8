import type { Parts } from 'common/script/assemble';
import type { Script } from 'common/script/script';
import { WatchedRunner } from './watchedRunner.ts';

/** Runs scripts as services do, and remembers which words each of them has answered: coverage of Lua. */
export class RecordingRunner extends WatchedRunner {
  readonly #words: ReadonlyMap<string, ReadonlySet<string>>;

  /** @param replaced see ScriptRunner */
  constructor(replaced: Parts = {}) {
    const all = new Map<string, Set<string>>();
    super(({ name, each }, { word, rest }) => {
      const words = all.get(name) ?? new Set();
      all.set(name, words.add(word));
      if (each.length > 0) for (const [first] of rest as string[][]) words.add(String(first));
    }, replaced);
    this.#words = all;
  }

  /** The replies of these scripts that were never seen, as `script WORD`. */
  unseen(scripts: readonly Script[]): string[] {
    return scripts.flatMap(({ name, replies, each }) =>
      [...replies, ...each].filter((word) => !this.#words.get(name)?.has(word)).map((word) => `${name} ${word}`),
    );
  }
}
