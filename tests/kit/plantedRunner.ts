import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Parts } from 'common/script/assemble';
import type { Script } from 'common/script/script';
import { ScriptRunner } from 'common/script/scriptRunner';
import type { Redis } from 'ioredis';

/** One change of a shipped Lua file: where `shipped` stood, `planted` stands. */
export type Edit = { file: string; shipped: string; planted: string };

const PACKAGES = join(import.meta.dirname, '../../packages');
const ENTRY = join(import.meta.dirname, 'planted.lua');

/** Runs scripts as they are shipped, but for the parts that are replaced and the faults that are planted. */
export class PlantedRunner extends ScriptRunner {
  readonly #planted: Parts;
  readonly #altered = new Map<string, unknown>();

  constructor(replaced: Parts, edits: readonly Edit[]) {
    const planted = textsWith(edits);
    super({ ...replaced, ...planted });
    this.#planted = planted;
  }

  override run<K extends string, A extends string, R extends string>(
    redis: Redis,
    script: Script<K, A, R>,
    keys: Readonly<Record<K, string>>,
    args: Readonly<Record<A, string | number>>,
    more: readonly (string | number)[] = [],
  ) {
    return super.run(redis, this.#withEntry(script), keys, args, more);
  }

  /** A script whose own file is edited is reached through an entry that only includes it. */
  #withEntry<K extends string, A extends string, R extends string>(script: Script<K, A, R>): Script<K, A, R> {
    const planted = this.#planted[basename(script.file, '.lua')];
    if (planted === undefined) return script;
    const known = this.#altered.get(script.file + JSON.stringify(script.parts)) as Script<K, A, R> | undefined;
    if (known) return known;
    const altered = {
      ...script,
      file: ENTRY,
      parts: { ...script.parts, plantedScript: planted },
      folders: [dirname(script.file), ...script.folders],
    };
    this.#altered.set(script.file + JSON.stringify(script.parts), altered);
    return altered;
  }
}

/** @throws Error where a file is not found once, or does not hold what is to be replaced exactly once */
function textsWith(edits: readonly Edit[]): Parts {
  const texts: Record<string, string> = {};
  for (const { file, shipped, planted } of edits) {
    const text = texts[file] ?? shippedText(file);
    const found = text.split(shipped).length - 1;
    if (found !== 1) throw new Error(`${file}.lua says ${found} times, not once: ${shipped}`);
    texts[file] = text.replace(shipped, () => planted);
  }
  return texts;
}

function shippedText(name: string): string {
  const paths = globSync(`*/src/**/${name}.lua`, { cwd: PACKAGES });
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) throw new Error(`${paths.length} shipped files are called ${name}.lua`);
  return readFileSync(join(PACKAGES, path), 'utf8');
}
