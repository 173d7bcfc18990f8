/** A Lua file as its header and its first lines describe it. */
export type LuaHeader = {
  path: string;
  isScript: boolean;
  /** How Redis is told to treat it: what follows `flags=` in its first line. */
  flags: string;
  /** The text of each label, lines joined by a space. */
  labels: Readonly<Record<string, string>>;
  /** The names under ARGV, without a list at the end. */
  arguments: string[];
  replies: string[];
  each: string[];
  outcomes: string[];
  /** What `unpack(KEYS)` and `unpack(ARGV)` are bound to. */
  boundKeys: string[];
  boundArguments: string[];
  /** Words that a `return { 'WORD'` of the script itself answers with. */
  answered: string[];
  /** The events whose transition the file defines. */
  events: string[];
};

const LABEL = /^-- (KEYS|ARGV|Replies|Each|Outcomes|Reads|Crash) +(.*)$/;
const FURTHER = /^-- {6,}(\S.*)$/;

const FUNCTION = /^(local )?function[\s\S]*?^end/gm;

/** Reads the header of a Lua file, by the convention that luaHeaders.test.ts describes. */
export function readLuaHeader(path: string, text: string): LuaHeader {
  const labels = readLabels(text.split('\n'));
  const joined = Object.fromEntries(Object.entries(labels).map(([label, lines]) => [label, lines.join(' ')]));
  return {
    path,
    isScript: text.startsWith('#!lua'),
    flags: /^#!lua flags=(\S+)/.exec(text)?.[1] ?? '',
    labels: joined,
    arguments: (joined.ARGV ?? '').split(' ').filter((name) => name !== '-' && !name.endsWith('...')),
    replies: wordsOf(joined.Replies ?? ''),
    each: joined.Each === undefined ? [] : wordsOf(joined.Each),
    outcomes: labels.Outcomes ?? [],
    boundKeys: bound(text, 'KEYS'),
    boundArguments: bound(text, 'ARGV'),
    answered: [...text.replaceAll(FUNCTION, '').matchAll(/return \{ '([A-Z_]+)'/g)].map(([, word = '']) => word),
    events: [...text.matchAll(/^function transitions\.(\w+)/gm)].map(([, event = '']) => event),
  };
}

/** The words of `WORD: what follows it; WORD; WORD`; an item that begins with none is left as it is, for the reader to see. */
const wordsOf = (text: string) => text.split(';').map((item) => /^\s*([A-Z_]+)(?=:|\s*$)/.exec(item)?.[1] ?? item);

function readLabels(lines: readonly string[]): Record<string, string[]> {
  const labels: Record<string, string[]> = {};
  let current: string[] | undefined;
  for (const line of lines) {
    const [, label, text] = LABEL.exec(line) ?? [];
    if (label !== undefined && text !== undefined) {
      current = [text];
      labels[label] = current;
      continue;
    }
    const further = FURTHER.exec(line)?.[1];
    if (further === undefined) current = undefined;
    else current?.push(further);
  }
  return labels;
}

/** The names on the left of `= unpack(KEYS)`: nothing may stand before it but comments. */
function bound(text: string, what: 'KEYS' | 'ARGV'): string[] {
  const code = text.split('\n').filter((line) => line !== '' && !line.startsWith('--') && !line.startsWith('#!'));
  const line = code.slice(0, 2).find((each) => each.endsWith(`= unpack(${what})`));
  return /^local (.*) = /.exec(line ?? '')?.[1]?.split(', ') ?? [];
}
