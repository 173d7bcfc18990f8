import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const SHARED = join(import.meta.dirname, 'lua');
const INCLUDE = /^-- @include (\w+)$/;

/** Lua text by include name: generated parts, and what a test puts in the place of a file (the clock). */
export type Parts = Readonly<Record<string, string>>;

/**
 * Puts one script together: every `-- @include name` line is replaced, once, by the part of that name: from `parts`, from
 * the script's own folder, from `folders`, or from the shared one, in this order. The idea of includes resolved outside
 * Redis is BullMQ's.
 *
 * @param file path of the `.lua` file that is the script's entry
 * @throws Error where a part is missing or includes itself
 */
export function assemble(file: string, parts: Parts = {}, folders: readonly string[] = []): string {
  const searched = [dirname(file), ...folders, SHARED];
  const done = new Set<string>();

  const expand = (text: string, open: readonly string[]): string =>
    text
      .split('\n')
      .map((line) => {
        const name = INCLUDE.exec(line)?.[1];
        if (name === undefined) return line;
        if (open.includes(name)) throw new Error(`${file}: ${[...open, name].join(' includes ')}, a circle`);
        if (done.has(name)) return `-- ${name} is included above`;
        done.add(name);
        return expand(find(name, parts, searched, file), [...open, name]);
      })
      .join('\n');

  return expand(readFileSync(file, 'utf8'), [basename(file, '.lua')]);
}

function find(name: string, parts: Parts, folders: readonly string[], file: string): string {
  const part = parts[name];
  if (part !== undefined) return part;
  for (const folder of folders) {
    const candidate = join(folder, `${name}.lua`);
    if (existsSync(candidate)) return readFileSync(candidate, 'utf8');
  }
  throw new Error(`${file} includes ${name}, which is neither generated nor a file in ${folders.join(', ')}`);
}
